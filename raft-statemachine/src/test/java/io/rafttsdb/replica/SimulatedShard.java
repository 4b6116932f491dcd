package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.command.CommandCodec;
import io.rafttsdb.command.LogCommand;
import io.rafttsdb.command.UnknownFormat;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.model.Capture;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.MissingBlock;
import io.rafttsdb.storage.model.SampleBatch;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.Selection;
import io.rafttsdb.storage.model.SeriesView;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A shard in one process: nodes that apply prefixes of one history, and do everything else in an
 * order that a seed gives. The log is a list: what is in it is committed.
 */
final class SimulatedShard implements AutoCloseable {

  static final long RANGE_MS = 60_000;
  private static final long START_MS = 1_700_000_000_000L / RANGE_MS * RANGE_MS;
  private static final int SERIES = 8;
  private static final long STEP_MS = 5_000;

  private final SplittableRandom random;
  private final List<byte[]> log = new ArrayList<>();
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private SimulatedNode leader;
  private long nowMs = START_MS;
  private long events;

  /** By kind of command or event, how often it was carried out. */
  private final Map<String, Integer> tally;

  /** By entry, what the first node said that was asked after it. */
  private final Map<Long, String> hashes = new HashMap<>();

  private final Map<Long, String> answers = new HashMap<>();

  SimulatedShard(
      Path directory,
      int size,
      Settings settings,
      SplittableRandom random,
      Map<String, Integer> tally)
      throws IOException {
    this.tally = tally;
    this.random = random;
    for (int i = 0; i < size; i++) {
      nodes.add(new SimulatedNode(this, i, directory.resolve("node" + i), random.split()));
    }
    leader = nodes.getFirst();
    append(CommandCodec.encode(new LogCommand.Configure(settings)));
  }

  static BlockPolicy policy() {
    return new BlockPolicy(1 << 16, 1L << 40);
  }

  InstantSource clock() {
    return () -> Instant.ofEpochMilli(nowMs);
  }

  /** Each event takes ten seconds. */
  long nanos() {
    return events * 10_000_000_000L;
  }

  List<SimulatedNode> nodes() {
    return nodes;
  }

  SimulatedNode leader() {
    return leader;
  }

  long lastIndex() {
    return log.size() - 1L;
  }

  byte[] entry(long index) {
    return log.get((int) index);
  }

  void append(byte[] entry) {
    log.add(entry);
  }

  void count(String what) {
    tally.merge(what, 1, Integer::sum);
  }

  /** Something happens. */
  void event() throws Exception {
    tick();
    SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(30)) {
      case 0 -> node.restart();
      case 1 -> node.snapshot();
      case 2 -> {
        catchUp(node);
        leader = node;
      }
      case 3 -> append(CommandCodec.encode(plan()));
      case 4, 5, 6, 7, 8, 9, 10, 11 -> append(CommandCodec.encode(write()));
      case 12, 13, 14 -> {
        catchUp(leader);
        leader.lead();
      }
      case 20 -> {
        if (random.nextInt(4) == 0) {
          node.damage();
        }
      }
      case 21, 22 -> {
        boolean _ = node.scrub();
      }
      case 15, 16, 17, 18, 19 -> node.work();
      default -> {
        for (int left = random.nextInt(1, 6); left > 0 && node.applied() < lastIndex(); left--) {
          node.applyNext();
          check(node);
        }
      }
    }
    check(node);
  }

  /** Time goes by. */
  void tick() {
    events++;
  }

  void catchUp(SimulatedNode node) throws UnknownFormat {
    while (node.applied() < lastIndex()) {
      node.applyNext();
    }
  }

  /** What a leader of the past may have wanted; that a block is built is never said untruly. */
  private LogCommand plan() {
    LogCommand plan = RandomPlans.next(random, leader.tsdb());
    // Of blocks that nobody has.
    return plan instanceof LogCommand.BlockBuilt || plan instanceof LogCommand.ImportBlock
        ? plan()
        : plan;
  }

  /** Mostly the next scrape of all series; now and then something late. */
  private LogCommand write() {
    SampleBatch.Builder batch = new SampleBatch.Builder();
    boolean isLate = random.nextInt(5) == 0;
    long lateMs = nowMs - random.nextLong(3 * RANGE_MS);
    if (!isLate) {
      nowMs += random.nextLong(STEP_MS * 3);
    }
    for (int i = 0; i < SERIES; i++) {
      if (random.nextInt(8) > 0) {
        batch.series(Labels.of("__name__", "m", "i", "" + i));
        batch.sample(isLate ? lateMs : nowMs, random.nextLong(1000));
      }
    }
    return new LogCommand.Append(List.of(batch.build()));
  }

  /** One history, and what a query answers is a function of it (R1, R2). */
  void check(SimulatedNode node) throws IOException {
    long index = node.applied();
    if (index < 0) {
      return;
    }
    String hash = node.stateHash();
    assertThat(hashes.computeIfAbsent(index, first -> hash)).as("state of " + node).isEqualTo(hash);
    String answer;
    try {
      answer = answer(node);
    } catch (MissingBlock e) {
      assertThat(node.isDamaged() || node.isBehindByTwo()).as("%s refuses: %s", node, e).isTrue();
      count("refused");
      return;
    } catch (UncheckedIOException e) {
      assertThat(e).hasCauseInstanceOf(CorruptFile.class);
      assertThat(node.isDamaged()).as("%s refuses: %s", node, e).isTrue();
      count("refused");
      return;
    }
    assertThat(answers.computeIfAbsent(index, first -> answer))
        .as("answer of " + node)
        .isEqualTo(answer);
  }

  /** All samples, as text. */
  static String answer(SimulatedNode node) throws IOException {
    Selection all = new Selection(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
    StringBuilder text = new StringBuilder();
    try (Capture capture = node.tsdb().select(List.of(all), Integer.MAX_VALUE)) {
      for (SeriesView series : capture.series().getFirst()) {
        text.append(series.labels());
        SampleCursor samples = series.samples();
        while (samples.next()) {
          text.append(' ').append(samples.timestampMs()).append('=').append(samples.valueBits());
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    nodes.forEach(SimulatedNode::close);
  }
}
