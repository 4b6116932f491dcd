package io.rafttsdb.client;

import java.io.IOException;

/** No node answered a read within its deadline. */
public final class ClusterUnavailable extends IOException {

  private static final long serialVersionUID = 1;

  ClusterUnavailable(String message) {
    super(message);
  }
}
