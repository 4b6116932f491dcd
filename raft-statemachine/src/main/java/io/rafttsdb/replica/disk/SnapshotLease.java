package io.rafttsdb.replica.disk;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

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

  /** Length of what {@link #writeTo} writes. */
  public long streamBytes() throws IOException {
    long bytes = SnapshotStream.HEADER_BYTES + SnapshotStream.TRAILER_BYTES;
    for (String name : SnapshotStream.FILES) {
      bytes += SnapshotStream.FILE_HEADER_BYTES + Files.size(directory.resolve(name));
    }
    return bytes;
  }

  /** Writes the whole snapshot for {@link SnapshotStream#receive} on another node. */
  public void writeTo(OutputStream target) throws IOException {
    if (!open.get()) {
      throw new IllegalStateException("snapshot " + manifest.name() + " read after its lease");
    }
    CRC32C crc = new CRC32C();
    DataOutputStream out = new DataOutputStream(new CheckedOutputStream(target, crc));
    out.writeInt(SnapshotStream.MAGIC);
    out.writeInt(SnapshotStream.VERSION);
    for (String name : SnapshotStream.FILES) {
      Path file = directory.resolve(name);
      out.writeLong(Files.size(file));
      Files.copy(file, out);
    }
    out.writeInt((int) crc.getValue());
    out.flush();
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      release.run();
    }
  }
}
