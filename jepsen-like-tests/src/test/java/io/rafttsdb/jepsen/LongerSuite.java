package io.rafttsdb.jepsen;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Tests that take long and show what another one shows too: {@code .ci/run} runs them. */
final class LongerSuite {

  private static final String PROPERTY = "rafttsdb.longer";

  private LongerSuite() {}

  /** Skips the test, and says so, where it was not asked for. */
  static void assumeWanted() {
    String reason = "skipped: belongs to the longer suite, -D" + PROPERTY + "=true";
    boolean isWanted = Boolean.getBoolean(PROPERTY);
    if (!isWanted) {
      System.out.println(reason);
    }
    assumeTrue(isWanted, reason);
  }
}
