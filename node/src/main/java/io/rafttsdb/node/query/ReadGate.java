package io.rafttsdb.node.query;

import java.time.Duration;

/** Lets reads to the storage. */
interface ReadGate {

  /**
   * The storage, once it holds what the read has to see. Called once for each request: a later call
   * may give another storage.
   *
   * @param timeout how long to wait at most
   * @throws ApiError of the type UNAVAILABLE where this node can't promise that in time
   */
  OpenedRead open(ReadDemand demand, Duration timeout) throws ApiError, InterruptedException;
}
