package io.rafttsdb.node.cluster;

import java.io.IOException;

/** Where a node's identity is kept. One writer at a time; {@link Bootstrap} owns it. */
interface IdentityStore {

  Identity load() throws IOException, StartRefused;

  /** Replaces it; durable, and seen by every later load, when this returns. */
  void save(Identity identity) throws IOException;
}
