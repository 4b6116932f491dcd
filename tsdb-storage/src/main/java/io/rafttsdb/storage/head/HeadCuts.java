package io.rafttsdb.storage.head;

import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.SealedRange;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts parts off the Head, where that is due and fits.
 *
 * <p>Owned by the apply thread.
 */
final class HeadCuts {

  private final HeadContents contents;

  HeadCuts(HeadContents contents) {
    this.contents = contents;
  }

  /**
   * Seals everything in order before a time, so that it becomes the block of this name. Moves
   * nothing: the chunks stay linked where they are, and a scan of one column finds the series that
   * have none left.
   *
   * @param upToMs a multiple of the block range, after the last cut, and at least half a block
   *     range older than the newest sample, so that the cut refuses nothing that was good before it
   */
  CutResult cut(long upToMs, Ulid ulid) {
    String refusal = refusal(upToMs, ulid);
    if (refusal != null) {
      return new CutResult.Refused(refusal);
    }
    contents.changed();
    RangeTotals taken = contents.totals.cut(upToMs);
    if (taken.samples == 0) {
      contents.sealing.moveTo(upToMs);
      return new CutResult.Sealed(List.of());
    }
    SealedRange range =
        new SealedRange(
            ulid, SealedRange.Kind.IN_ORDER, contents.totals.rangeStartMs(taken.minMs), upToMs);
    contents.sealing.add(
        new InOrderPart(
            range,
            contents.table,
            contents.chunks,
            contents.table.nextRef(),
            taken.samples,
            taken.bytes,
            contents.sealing.deletes()));
    contents.table.forEachPage(page -> page.dropBefore(upToMs));
    return new CutResult.Sealed(List.of(range));
  }

  /**
   * Seals what came out of order for some block ranges, each so that it becomes the block of its
   * name. Takes a tenth of a microsecond for each series that has such samples.
   *
   * @param wanted ranges that were cut off before, ascending, each with such samples; whose parts
   *     in order have their blocks
   */
  CutResult cutOutOfOrder(List<SealedRange> wanted) {
    Settings present = contents.settings();
    if (present == null) {
      return new CutResult.Refused("expected samples to cut off, found none");
    }
    long lastMs = Long.MIN_VALUE;
    for (SealedRange range : wanted) {
      String refusal = contents.sealing.refusal(range, present.blockRangeMs());
      if (refusal == null
          && (range.fromMs() < lastMs
              || !contents.totals.outOfOrderRanges().contains(range.fromMs()))) {
        refusal =
            "expected ranges of "
                + contents.totals.outOfOrderRanges()
                + ", ascending, got "
                + wanted;
      }
      if (refusal != null) {
        return new CutResult.Refused(refusal);
      }
      lastMs = range.upToMs();
    }
    contents.changed();
    for (SealedRange range : wanted) {
      contents.sealing.add(contents.outOfOrder.seal(range, contents.sealing.sealedUpToMs()));
    }
    return new CutResult.Sealed(wanted);
  }

  private @Nullable String refusal(long upToMs, Ulid ulid) {
    Settings present = contents.settings();
    if (present == null || contents.table.nextRef() == 1) {
      return "expected samples to cut off, found none";
    }
    if (upToMs % present.blockRangeMs() != 0) {
      return "expected a multiple of " + present.blockRangeMs() + " ms, got " + upToMs;
    }
    if (upToMs > contents.halfRangeBehind(present)) {
      return "expected a cut at most at "
          + contents.halfRangeBehind(present)
          + ", got one at "
          + upToMs;
    }
    return contents.sealing.refusal(upToMs, ulid);
  }
}
