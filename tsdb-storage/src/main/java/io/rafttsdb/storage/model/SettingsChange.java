package io.rafttsdb.storage.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * New values of some settings; null where one stays as it is. The block range can't be changed.
 *
 * @param outOfOrderWindowMs as in {@link Settings}, and so are the others
 */
public record SettingsChange(
    @Nullable Long outOfOrderWindowMs,
    @Nullable Long retentionMs,
    @Nullable Long retentionBytes,
    @Nullable Integer rangeFactor) {

  public static final SettingsChange NONE = new SettingsChange(null, null, null, null);

  /**
   * The settings with these values.
   *
   * @throws IllegalArgumentException where one is not possible
   */
  public Settings over(Settings present) {
    return new Settings(
        present.blockRangeMs(),
        outOfOrderWindowMs == null ? present.outOfOrderWindowMs() : outOfOrderWindowMs,
        retentionMs == null ? present.retentionMs() : retentionMs,
        retentionBytes == null ? present.retentionBytes() : retentionBytes,
        rangeFactor == null ? present.rangeFactor() : rangeFactor);
  }

  /** What of these values differs from those of the settings. */
  public SettingsChange differingFrom(Settings present) {
    return new SettingsChange(
        differing(outOfOrderWindowMs, present.outOfOrderWindowMs()),
        differing(retentionMs, present.retentionMs()),
        differing(retentionBytes, present.retentionBytes()),
        differing(rangeFactor, present.rangeFactor()));
  }

  private static <T> @Nullable T differing(@Nullable T wanted, T present) {
    return present.equals(wanted) ? null : wanted;
  }

  /** As {@code raft-tsdb settings} takes them. */
  @Override
  public String toString() {
    List<String> given = new ArrayList<>();
    add(given, "out_of_order_window", outOfOrderWindowMs, "ms");
    add(given, "retention_time", retentionMs, "ms");
    add(given, "retention_size", retentionBytes, "B");
    add(given, "block_range_factor", rangeFactor, "");
    return String.join(" ", given);
  }

  private static void add(List<String> given, String name, @Nullable Number value, String unit) {
    if (value != null) {
      boolean unlimited = value.longValue() == Settings.UNLIMITED;
      given.add(name + "=" + (unlimited ? "none" : value + unit));
    }
  }
}
