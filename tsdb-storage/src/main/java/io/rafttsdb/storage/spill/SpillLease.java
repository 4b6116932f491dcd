package io.rafttsdb.storage.spill;

import io.rafttsdb.storage.file.UsedAfterClose;
import io.rafttsdb.storage.model.CorruptFile;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to read chunks. A query takes one before it captures what it wants to read: then every
 * place that it captures, and every one that its chunks get meanwhile, can be read until it is
 * closed, whatever is deleted. Closing twice is closing once. On any thread.
 */
public final class SpillLease implements AutoCloseable {

  private final SpillFiles files;
  private final Epochs.Epoch epoch;
  private final AtomicBoolean ended = new AtomicBoolean();

  /**
   * @param epoch which was entered
   */
  SpillLease(SpillFiles files, Epochs.Epoch epoch) {
    this.files = files;
    this.epoch = epoch;
  }

  /**
   * Copies a chunk out and checks it.
   *
   * @param place which {@link SpillFiles#isForced}
   * @throws CorruptFile where no sound chunk is there, or none forced
   * @throws IOException where it can't be read
   * @throws UsedAfterClose after {@link #close}
   */
  public SpilledChunk read(long place) throws IOException {
    if (ended.get()) {
      throw new UsedAfterClose("lease of Head chunks");
    }
    return files.find(place);
  }

  /** What a place holds is not what whoever follows it expects. */
  public CorruptFile corrupt(long place, String expected, String found) {
    return new CorruptFile(files.pathOf(place), SpillPlace.offset(place), expected, found);
  }

  @Override
  public void close() {
    if (ended.compareAndSet(false, true)) {
      epoch.leave();
    }
  }
}
