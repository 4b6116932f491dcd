package io.rafttsdb.node.disk;

import io.rafttsdb.node.disk.DiskState.Level;
import java.util.List;
import java.util.Set;

/**
 * What a node does as the disks of the cluster are.
 *
 * @param refusal why the leader takes no samples; empty where it does
 * @param handOverTo voters of which one should lead instead; empty: none
 * @param stops whether this node should stop, cleanly, before its log fails
 */
public record DiskPlan(String refusal, List<String> handOverTo, boolean stops) {

  /** Nothing. */
  public static final DiskPlan NOTHING = new DiskPlan("", List.of(), false);

  public DiskPlan {
    handOverTo = List.copyOf(handOverTo);
  }

  /** For a node that does not lead. */
  public static DiskPlan ofFollower(DiskState own) {
    return new DiskPlan("", List.of(), own.level() == Level.FULL);
  }

  /**
   * For the leader. It never stops: where nobody else has room it is what still answers reads, and
   * takes the commands that make room.
   *
   * @param own the leader's disk
   * @param self the leader's name among the voters
   * @param voters names of all voters
   * @param withRoom of those, the others that have room, by what they said lately
   */
  public static DiskPlan ofLeader(
      DiskState own, String self, Set<String> voters, Set<String> withRoom) {
    boolean ownRoom = own.level() == Level.ROOM;
    List<String> others =
        withRoom.stream().filter(voters::contains).filter(v -> !v.equals(self)).sorted().toList();
    int room = others.size() + (ownRoom && voters.contains(self) ? 1 : 0);
    int majority = voters.size() / 2 + 1;
    String refusal =
        room >= majority
            ? ""
            : "low disk: "
                + room
                + " of "
                + voters.size()
                + " nodes have room for more, and "
                + majority
                + " are needed. Free or add disk space; "
                + self
                + " has "
                + own.freeBytes()
                + " bytes free and keeps "
                + own.reserveBytes()
                + " in reserve";
    return new DiskPlan(refusal, ownRoom ? List.of() : others, false);
  }
}
