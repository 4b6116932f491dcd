/**
 * Reading over HTTP as Prometheus has it: PromQL, label and series lookups, remote read, and the
 * small endpoints that Grafana asks.
 */
@NullMarked
package io.rafttsdb.node.query;

import org.jspecify.annotations.NullMarked;
