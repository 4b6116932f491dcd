package io.rafttsdb.node.clock;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;

/**
 * What a node's wall clock is worth, by comparison with those of the other members.
 *
 * @param offsetMs how far it is ahead of the median of all clocks that are known, its own included;
 *     behind: negative. Where an even number of clocks has two of them in the middle: of the one
 *     that is nearer to it
 */
public record ClockVerdict(Kind kind, long offsetMs) {

  /** From here on a clock is off. */
  public static final Duration OFF = Duration.ofSeconds(60);

  /** One that was off is right again below this, so that it does not go to and fro. */
  public static final Duration BACK = Duration.ofSeconds(30);

  /** What was found. */
  public enum Kind {
    /** Near the median. */
    FIT,
    /** Off the median: the node must not lead. */
    UNFIT,
    /** Off one half of the clocks and near the other: nobody can tell which half is right. */
    DISPUTED,
    /** Less than a majority of the clocks is known: nobody is judged. */
    UNKNOWN
  }

  /** Before anything was compared. */
  public static final ClockVerdict NONE = new ClockVerdict(Kind.UNKNOWN, 0);

  /**
   * Judges a clock.
   *
   * @param before the last verdict on it
   * @param voters members whose majority counts
   * @param othersAheadMs of each of the other clocks that is known: how far it is ahead of this one
   */
  public static ClockVerdict of(ClockVerdict before, int voters, Collection<Long> othersAheadMs) {
    int known = othersAheadMs.size() + 1;
    if (known < voters / 2 + 1) {
      return NONE;
    }
    long[] ahead = new long[known]; // this clock's own is the 0 that is there already
    int next = 1;
    for (long each : othersAheadMs) {
      ahead[next++] = each;
    }
    Arrays.sort(ahead);
    long lower = -ahead[(known - 1) / 2];
    long upper = -ahead[known / 2];
    long near = Math.abs(lower) < Math.abs(upper) ? lower : upper;
    long far = near == lower ? upper : lower;
    long limitMs = (before.kind == Kind.UNFIT ? BACK : OFF).toMillis();
    Kind kind =
        Math.abs(near) > limitMs ? Kind.UNFIT : Math.abs(far) > limitMs ? Kind.DISPUTED : Kind.FIT;
    return new ClockVerdict(kind, near);
  }

  /**
   * Whether another clock is one that may lead.
   *
   * @param aheadMs of this one
   */
  public boolean isFit(long aheadMs) {
    return kind != Kind.UNKNOWN
        && kind != Kind.DISPUTED
        && Math.abs(offsetMs + aheadMs) <= OFF.toMillis();
  }

  /** Why a node whose clock was judged so takes no samples; empty where it does. */
  String refusal() {
    return switch (kind) {
      case FIT, UNKNOWN -> "";
      case UNFIT ->
          "this leader's clock is "
              + seconds(offsetMs)
              + " the median of the members' clocks, at most "
              + OFF.toSeconds()
              + " s are borne: set it right; until then another node should lead";
      case DISPUTED ->
          "this leader is in doubt of its clock: half of the members' clocks that are known are"
              + " more than "
              + OFF.toSeconds()
              + " s off this one, and nobody can tell which are right: set the wrong ones right";
    };
  }

  private static String seconds(long offsetMs) {
    long tenths = Math.round(Math.abs(offsetMs) / 100.0);
    return tenths / 10 + "." + tenths % 10 + " s " + (offsetMs > 0 ? "ahead of" : "behind");
  }
}
