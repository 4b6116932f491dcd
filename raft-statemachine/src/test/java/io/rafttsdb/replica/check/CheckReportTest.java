package io.rafttsdb.replica.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Ulid;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckReportTest {

  private static final StateHash AT_5 = hash(5, 1);
  private static final StateHash AT_9 = hash(9, 2);

  private static StateHash hash(long index, long name) {
    return new StateHash(index, new Ulid(0, name), new Digest(index, 0, 0, 0));
  }

  @Test
  void aNodeThatBeganAnewSaysThatItHasPassedWhatItNeverHashed() {
    CheckReport anew = new CheckReport(12, 12, List.of(AT_9));
    assertThat(anew.hasPassed(AT_5)).isTrue();
    assertThat(anew.hasPassed(AT_9)).isFalse();
    assertThat(anew.hashAt(AT_9)).contains(AT_9.hash());
    assertThat(anew.hasPassed(hash(13, 3))).isFalse(); // it may yet come there
  }

  @Test
  void aNodeThatHashesRightNowHasPassedNothing() {
    assertThat(new CheckReport(12, -1, List.of(AT_9)).hasPassed(AT_5)).isFalse();
  }

  @Test
  void anotherEntryUnderTheSameIndexIsNoAnswer() {
    CheckReport other = new CheckReport(12, 12, List.of(hash(9, 7)));
    assertThat(other.hashAt(AT_9)).isEmpty();
    assertThat(other.hasPassed(AT_9)).isTrue();
  }
}
