package io.rafttsdb.storage.spill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EpochsTest {

  private final Epochs epochs = new Epochs();
  private final List<String> given = new ArrayList<>();

  private Epochs.Epoch enter() {
    return Objects.requireNonNull(epochs.enter());
  }

  private void retire(String what) {
    epochs.retire(() -> given.add(what));
  }

  @Test
  void withNobodyInItIsGivenUpAtOnce() {
    retire("a");
    assertThat(given).containsExactly("a");
  }

  @Test
  void whoeverEnteredBeforeKeepsIt() {
    Epochs.Epoch before = enter();
    retire("a");
    Epochs.Epoch after = enter();
    after.leave();
    assertThat(given).isEmpty();
    before.leave();
    assertThat(given).containsExactly("a");
  }

  @Test
  void whoeverEnteredEarlierKeepsWhatIsRetiredLaterToo() {
    Epochs.Epoch first = enter();
    retire("a");
    Epochs.Epoch second = enter();
    retire("b");
    second.leave();
    assertThat(given).isEmpty();
    retire("c");
    first.leave();
    assertThat(given).containsExactly("a", "b", "c");
  }

  @Test
  void theCloseWaitsForAll() {
    Epochs.Epoch first = enter();
    retire("a");
    Epochs.Epoch second = enter();
    epochs.close(() -> given.add("rest"));
    epochs.close(() -> given.add("twice"));
    assertThat(epochs.enter()).isNull();
    assertThatThrownBy(() -> retire("b")).isInstanceOf(IllegalStateException.class);
    first.leave();
    assertThat(given).containsExactly("a");
    second.leave();
    assertThat(given).containsExactly("a", "rest");
  }
}
