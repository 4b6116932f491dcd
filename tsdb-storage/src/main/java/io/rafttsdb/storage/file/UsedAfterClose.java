package io.rafttsdb.storage.file;

import java.io.IOException;

/** Something was read after it was closed. A query takes the present list of blocks then. */
public final class UsedAfterClose extends IOException {

  private static final long serialVersionUID = 1L;

  public UsedAfterClose(String what) {
    super(what + " was used after it was closed");
  }
}
