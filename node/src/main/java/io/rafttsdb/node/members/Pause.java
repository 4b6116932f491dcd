package io.rafttsdb.node.members;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Between two looks at other processes, which can't signal this one. */
public final class Pause {

  private Pause() {}

  public static void of(Duration duration) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(duration.toNanos());
  }
}
