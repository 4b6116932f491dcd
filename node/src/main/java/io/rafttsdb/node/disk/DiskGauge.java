package io.rafttsdb.node.disk;

/** The disk as last measured, and what was decided by it. One thread sets, any thread reads. */
public final class DiskGauge {

  private volatile DiskState state = DiskState.UNKNOWN;
  private volatile DiskPlan plan = DiskPlan.NOTHING;

  public DiskState state() {
    return state;
  }

  public void measured(DiskState next) {
    state = next;
  }

  public void decided(DiskPlan next) {
    plan = next;
  }

  /** Why no samples are taken here; empty where they are. */
  public String refusal() {
    return plan.refusal();
  }
}
