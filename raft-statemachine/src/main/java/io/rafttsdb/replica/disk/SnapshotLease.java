package io.rafttsdb.replica.disk;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A snapshot that is not deleted while somebody reads it. Closing it twice does nothing more. */
public final class SnapshotLease implements AutoCloseable {
  private final SnapshotManifest manifest;
  private final Path directory;
  private final Runnable release;
  private final AtomicBoolean open = new AtomicBoolean(true);

  SnapshotLease(SnapshotManifest manifest, Path directory, Runnable release) {
    this.manifest = manifest;
    this.directory = directory;
    this.release = release;
  }

  public SnapshotManifest manifest() {
    return manifest;
  }

  public Path directory() {
    return directory;
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      release.run();
    }
  }
}
