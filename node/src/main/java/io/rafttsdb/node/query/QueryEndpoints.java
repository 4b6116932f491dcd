package io.rafttsdb.node.query;

import io.rafttsdb.node.cluster.ReplicaSlot;
import io.rafttsdb.node.http.Router;
import io.rafttsdb.promql.PromQl;
import io.rafttsdb.promql.QueryLimits;
import java.time.InstantSource;

/** All of a node's endpoints that read, put together. */
public final class QueryEndpoints {
  private final ReadGate gate;
  private final InstantSource clock;

  /**
   * Endpoints that read a node's replica.
   *
   * @param clock tells the time of a query that names none, and of each answer
   */
  public QueryEndpoints(ReplicaSlot slot, InstantSource clock) {
    this(new ReplicaGate(slot, clock), clock);
  }

  QueryEndpoints(ReadGate gate, InstantSource clock) {
    this.gate = gate;
    this.clock = clock;
  }

  public void register(Router.Builder router) {
    QueryLimits limits = QueryLimits.DEFAULT;
    PromQl engine = new PromQl(limits);
    QuerySlots slots = new QuerySlots(QuerySlots.QUERIES_MAX, QuerySlots.WAIT_MAX);
    new PromQlEndpoints(engine, limits, gate, slots, clock).register(router);
    new LookupEndpoints(engine, gate, limits.timeout()).register(router);
    new RemoteReadEndpoint(gate, slots, limits.timeout()).register(router);
    new FixedAnswers(engine).register(router);
  }
}
