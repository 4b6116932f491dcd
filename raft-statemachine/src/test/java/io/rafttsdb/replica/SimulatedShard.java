package io.rafttsdb.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.command.LogCommand;
import io.rafttsdb.replica.duty.BlockPolicy;
import io.rafttsdb.storage.manifest.ManifestPart;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;

/**
 * A shard in one process and one thread: nodes that apply prefixes of one history, and do
 * everything else in an order that a seed gives. What is in the history is committed. An entry is
 * on the disks of a majority, so at most one node at a time is away or has lost its disk.
 */
final class SimulatedShard implements AutoCloseable {

  static final long RANGE_MS = 60_000;

  private static final int SETTLING_ROUNDS_MAX = 200;
  private static final long START_MS = 1_700_000_000_000L / RANGE_MS * RANGE_MS;

  private final SplittableRandom random;
  private final SplittableRandom names;
  private final Mutant mutant;
  private final SimulatedHistory history = new SimulatedHistory();
  private final SimulatedWrites writes;
  private final List<SimulatedNode> nodes = new ArrayList<>();
  private final SimulationChecks checks;

  /** What a leader of the past wanted, and is appended only now. */
  private final Queue<LogCommand> late = new ArrayDeque<>();

  private SimulatedNode leader;
  private long term = 1;
  private long events;
  private boolean hasFaults = true;
  private boolean isNested;

  /** By kind of command or event, how often it was carried out. */
  private final Map<String, Integer> tally;

  SimulatedShard(Path directory, long seed, Mutant mutant, Map<String, Integer> tally)
      throws IOException {
    this.random = new SplittableRandom(seed);
    this.names = random.split();
    this.mutant = mutant;
    this.tally = tally;
    Settings settings =
        new Settings(
            RANGE_MS,
            random.nextBoolean() ? 2 * RANGE_MS : 0,
            random.nextBoolean() ? Settings.UNLIMITED : 12 * RANGE_MS,
            Settings.UNLIMITED,
            random.nextInt(2, 4));
    this.writes = new SimulatedWrites(random.split(), START_MS);
    this.checks = new SimulationChecks(history, this::count);
    List<Member> members = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      members.add(new Member("node" + i, "a", "127.0.0.1:" + i, "127.0.0.1:1" + i));
    }
    for (Member member : members) {
      nodes.add(
          new SimulatedNode(
              this, member, members, directory.resolve(member.name()), random.split()));
    }
    leader = nodes.getFirst();
    commit(new LogCommand.Configure(settings));
  }

  static BlockPolicy policy() {
    return new BlockPolicy(1 << 16, 1L << 40, 1);
  }

  InstantSource clock() {
    return () -> Instant.ofEpochMilli(writes.nowMs());
  }

  /** Of names of blocks. */
  SplittableRandom names() {
    return names;
  }

  /** Each event takes ten seconds. */
  long nanos() {
    return events * 10_000_000_000L;
  }

  SimulatedHistory history() {
    return history;
  }

  List<SimulatedNode> nodes() {
    return nodes;
  }

  SimulatedNode leader() {
    return leader;
  }

  Mutant mutant() {
    return mutant;
  }

  boolean hasFaults() {
    return hasFaults;
  }

  void count(String what) {
    tally.merge(what, 1, Integer::sum);
  }

  /** Another node, where both are connected. */
  Optional<SimulatedNode> reachable(SimulatedNode from, Member to) {
    return nodes.stream()
        .filter(node -> node.member().equals(to))
        .filter(node -> from.isConnected() && node.isConnected())
        .findFirst();
  }

  // ---- the log

  /** Whether an entry could be appended: a majority has all of the log. */
  private boolean hasQuorum() {
    nodes.stream().filter(node -> node.isConnected() && node != leader).forEach(this::replicate);
    return upToDate() >= 2;
  }

  private long upToDate() {
    return nodes.stream()
        .filter(node -> node.isConnected() && node.logEnd() == history.lastIndex())
        .count();
  }

  private void replicate(SimulatedNode node) {
    if (node != leader && node.isConnected() && node.canFollow(leader)) {
      node.receiveUpTo(history.lastIndex());
    }
  }

  private void commit(LogCommand command) {
    history.add(command, term);
    leader.receiveUpTo(history.lastIndex());
    nodes.forEach(this::replicate);
  }

  /** Appends a command of the leader, unless that takes so long that nobody waits for it. */
  boolean propose(LogCommand command) {
    if (hasFaults && random.nextInt(6) == 0) {
      late.add(command);
      return false;
    }
    return append(command);
  }

  private boolean append(LogCommand command) {
    if (!hasQuorum()) {
      count("no quorum");
      return false;
    }
    commit(command);
    return true;
  }

  // ---- events

  /** Something happens. */
  void event() throws Exception {
    events++;
    eventOn(nodes.get(random.nextInt(nodes.size())));
  }

  private void eventOn(SimulatedNode node) throws Exception {
    int kind = random.nextInt(60);
    if (kind < 18) {
      boolean _ = append(writes.next(leader.tsdb()));
    } else if (kind < 22) {
      boolean _ = append(kind == 18 ? writes.delete() : plan());
    } else if (kind < 28) {
      lead();
    } else if (kind < 38) {
      apply(node, random.nextInt(1, 6));
    } else if (!node.isBusy()) {
      try {
        work(node, kind - 38);
      } catch (IOException e) {
        requireDead(e);
      }
    }
    afterwards(node);
  }

  /** Only of a disk that takes nothing any more something may fail. */
  private void requireDead(IOException failure) {
    if (nodes.stream().noneMatch(SimulatedNode::isDead)) {
      throw new AssertionError(failure);
    }
  }

  /** On a thread or a disk of a node. */
  private void work(SimulatedNode node, int kind) throws Exception {
    switch (kind) {
      case 0 -> node.restart();
      case 1 -> node.doom(random.nextInt(1, 60));
      case 2, 3, 4, 5 -> snapshot(node);
      case 6 -> node.sweep();
      case 7 -> node.spill();
      case 8 -> node.scrub();
      case 9 -> elect(node);
      case 10 -> away(node);
      case 11 -> back();
      case 12, 13 -> follow();
      case 14 -> {
        if (random.nextInt(2) == 0) {
          node.damage();
        }
      }
      case 15 -> {
        if (random.nextInt(4) == 0) {
          node.damageSnapshot();
        }
      }
      default -> node.work();
    }
  }

  /** It is frozen, written a while later, and then the log goes. */
  private void snapshot(SimulatedNode node) {
    node.takeSnapshot();
    if (random.nextInt(3) > 0) {
      node.writeSnapshot();
      node.takeSnapshot();
    }
  }

  /** A dead process is started anew; then the rules hold. */
  private void afterwards(SimulatedNode touched) throws IOException {
    for (SimulatedNode node : nodes) {
      if (node.isDead() && !node.isBusy()) {
        node.restart();
        check(node);
      }
    }
    check(touched);
  }

  /** While a thread of a node waits for something: others of it, or of other nodes, go on. */
  void meanwhile(SimulatedNode node) {
    if (isNested || !hasFaults || random.nextInt(8) > 0) {
      return;
    }
    isNested = true;
    count("meanwhile");
    try {
      switch (random.nextInt(6)) {
        case 0 -> apply(node, random.nextInt(1, 4));
        case 1 -> node.takeSnapshot();
        case 2 -> node.writeSnapshot();
        case 3 -> node.sweep();
        default -> event();
      }
    } catch (IOException e) {
      requireDead(e);
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      isNested = false;
    }
  }

  private void apply(SimulatedNode node, int entries) throws IOException {
    for (int left = entries; left > 0 && node.applied() < node.logEnd(); left--) {
      node.applyNext();
      check(node);
    }
  }

  void catchUp(SimulatedNode node) {
    while (node.applied() < node.logEnd()) {
      node.applyNext();
    }
  }

  private void lead() throws InterruptedException {
    if (!leader.isDead()) {
      catchUp(leader);
      if (random.nextInt(30) == 0) {
        var _ = leader.process().duties.cleanTombstones();
      }
      leader.process().duties.round();
    }
  }

  private void elect(SimulatedNode node) {
    if (node.isConnected() && node.logEnd() == history.lastIndex() && !node.isDead()) {
      catchUp(node);
      leader = node;
      term++;
      count("leader changed");
    }
  }

  /** A node is cut off, or loses its disk, where the others have everything. */
  private void away(SimulatedNode node) throws IOException {
    boolean isAllThere = nodes.stream().allMatch(SimulatedNode::isConnected) && upToDate() == 3;
    if (node == leader || !isAllThere || leader.isDead()) {
      return;
    }
    catchUp(leader);
    boolean isSafe =
        leader.tsdb().manifest().parts().stream()
            .filter(ManifestPart::isBuilt)
            .allMatch(part -> isSoundElsewhere(node, part));
    if (isSafe && random.nextInt(3) == 0) {
      node.wipe();
    } else {
      node.connect(false);
      count("cut off");
    }
  }

  boolean isSoundElsewhere(SimulatedNode node, ManifestPart part) {
    return nodes.stream().anyMatch(other -> other != node && other.hasSound(part));
  }

  /** After a while who was cut off is back. */
  private void back() {
    if (random.nextInt(3) == 0) {
      nodes.forEach(node -> node.connect(true));
    }
  }

  /** Who is behind the leader's log installs its snapshot. */
  private void follow() throws IOException {
    for (SimulatedNode node : nodes) {
      if (node != leader && node.isConnected() && !node.isBusy() && !node.isDead()) {
        if (node.canFollow(leader)) {
          replicate(node);
          node.reinitialize();
        } else {
          node.install(leader);
        }
        if (!node.isDead()) {
          check(node);
        }
      }
    }
  }

  /** What a leader of the past may have wanted; that a block is built is never said untruly. */
  private LogCommand plan() {
    LogCommand waiting = late.poll();
    if (waiting != null && !(waiting instanceof LogCommand.BlockBuilt)) {
      count("late command");
      return waiting;
    }
    LogCommand plan = RandomPlans.next(random, leader.tsdb());
    // Of blocks that nobody has.
    return plan instanceof LogCommand.BlockBuilt || plan instanceof LogCommand.ImportBlock
        ? plan()
        : plan;
  }

  /** No more faults: everything that is to be done gets done. */
  void settle() throws Exception {
    hasFaults = false;
    for (SimulatedNode node : nodes) {
      node.connect(true);
      node.doom(Integer.MAX_VALUE);
    }
    for (int round = 0; round < SETTLING_ROUNDS_MAX && !isSettled(); round++) {
      events += 4; // what failed is tried again
      follow();
      lead();
      for (SimulatedNode node : nodes) {
        catchUp(node);
        for (int steps = 0; steps < 4; steps++) {
          node.work();
        }
        node.sweep();
        if (round % 16 == 0) {
          node.takeSnapshot();
          node.writeSnapshot();
          node.scrubAll();
        }
        check(node);
      }
    }
    assertThat(isSettled()).as("everything is done: %s", this).isTrue();
    for (SimulatedNode node : nodes) {
      node.scrubAll();
      check(node);
    }
  }

  /** Whether nothing waits, and all nodes have the blocks of the manifest and no others. */
  private boolean isSettled() {
    List<ManifestPart> parts = history.reference().manifest().parts();
    List<Ulid> names = parts.stream().map(ManifestPart::ulid).sorted().toList();
    return history.reference().manifest().compactions().isEmpty()
        && parts.stream().allMatch(ManifestPart::isBuilt)
        && nodes.stream()
            .allMatch(node ->
                node.applied() == history.lastIndex()
                    && node.process().store.names().equals(names)
                    && parts.stream().allMatch(node::hasSound));
  }

  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder("last " + history.lastIndex() + ", " + history.reference().manifest());
    for (SimulatedNode node : nodes) {
      text.append(
          "; "
              + node
              + (node == leader ? " leads, log " : ", log ")
              + node.logStart()
              + " to "
              + node.logEnd()
              + ", blocks "
              + node.process().store.names());
    }
    return text.toString();
  }

  // ---- checks

  void check(SimulatedNode node) throws IOException {
    node.checkLog();
    checks.check(node);
  }

  void checkStart(SimulatedNode node) {
    checks.checkStart(node);
  }

  @Override
  public void close() {
    nodes.forEach(SimulatedNode::close);
  }
}
