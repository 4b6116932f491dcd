package io.rafttsdb.storage.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.model.CutResult;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.junit.jupiter.api.Test;

/** The apply thread lets a part go in the midst of a capture, at a place that the test chooses. */
class CaptureRetryTest {

  private static final Selection ALL = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
  private static final Ulid PART = new Ulid(1, 1);

  private final Head head = new Head();
  private final HeadReader reader = new HeadReader(head);

  /** Two selections of everything; something happens when the second is asked for again. */
  private static final class Interrupted extends AbstractList<Selection> implements RandomAccess {
    private final Runnable event;
    private int calls;

    Interrupted(Runnable event) {
      this.event = event;
    }

    @Override
    public Selection get(int index) {
      if (index == 1) {
        calls++;
        if (calls == 2) {
          event.run();
        }
      }
      return ALL;
    }

    @Override
    public int size() {
      return 2;
    }
  }

  private void fill() {
    head.configure(new Settings(1000, 0));
    append("stays", 100);
    append("goes", 200);
    append("stays", 1600);
    head.publish(1);
    assertThat(head.cut(1000, PART)).isInstanceOf(CutResult.Sealed.class);
    head.publish(2);
  }

  private void append(String name, long timestampMs) {
    head.append(
        new SampleBatch.Builder().series(Labels.of("n", name)).sample(timestampMs, 1).build());
  }

  private void letGo() {
    head.forget(PART);
    head.publish(3);
    head.publish(4);
  }

  private static List<Long> times(List<SeriesView> views) {
    List<Long> times = new ArrayList<>();
    for (SeriesView view : views) {
      SampleCursor cursor = view.samples();
      while (cursor.next()) {
        times.add(cursor.timestampMs());
      }
    }
    return times;
  }

  @Test
  void aCaptureThatAPartWasLetGoUnderIsMadeAgain() {
    fill();
    HeadCapture before = reader.select(List.of(ALL, ALL), 9);
    HeadCapture capture = reader.select(new Interrupted(this::letGo), 9);

    assertThat(capture.index()).isEqualTo(4);
    assertThat(capture.series()).allSatisfy(list -> assertThat(times(list)).containsExactly(1600L));
    assertThat(before.index()).isEqualTo(2);
    assertThat(before.series())
        .allSatisfy(list -> assertThat(times(list)).containsExactly(200L, 100L, 1600L));
  }

  @Test
  void lookupsAreMadeAgainToo() {
    fill();
    assertThat(reader.labelValues("n", List.of(ALL))).containsExactly("goes", "stays");
    assertThat(reader.labelValues("n", new Interrupted(this::letGo))).containsExactly("stays");
    assertThat(head.table().series(2)).isNull();
    assertThat(reader.series(List.of(ALL))).containsExactly(Labels.of("n", "stays"));
    assertThat(reader.labelNames(List.of(ALL))).containsExactly("n");
  }

  @Test
  void anUndisturbedCaptureIsNotMadeAgainByACut() {
    head.configure(new Settings(1000, 0));
    append("stays", 100);
    append("stays", 1600);
    head.publish(1);
    HeadCapture capture =
        reader.select(
            new Interrupted(() -> {
              head.cut(1000, PART);
              append("stays", 1700);
              head.publish(2);
            }),
            9);

    assertThat(capture.index()).isEqualTo(1);
    assertThat(capture.series())
        .allSatisfy(list -> assertThat(times(list)).containsExactly(100L, 1600L));
  }
}
