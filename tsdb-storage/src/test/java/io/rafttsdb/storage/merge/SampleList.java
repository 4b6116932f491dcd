package io.rafttsdb.storage.merge;

import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import io.rafttsdb.storage.model.SampleKind;
import java.util.List;

/** Walks a list of samples; counts how often it is moved. */
final class SampleList implements SampleCursor {

  private final List<Sample> samples;
  private int at = -1;
  private int moves;

  SampleList(List<Sample> samples) {
    this.samples = samples;
  }

  int moves() {
    return moves;
  }

  @Override
  public boolean next() {
    moves++;
    at = Math.min(at + 1, samples.size());
    return at < samples.size();
  }

  @Override
  public boolean seek(long timestampMs) {
    moves++;
    at = Math.max(at, 0);
    while (at < samples.size() && samples.get(at).timestampMs() < timestampMs) {
      at++;
    }
    return at < samples.size();
  }

  @Override
  public long timestampMs() {
    return samples.get(at).timestampMs();
  }

  @Override
  public long valueBits() {
    return samples.get(at).bits();
  }

  @Override
  public SampleKind kind() {
    return samples.get(at).kind();
  }

  @Override
  public NativeHistogram histogram() {
    NativeHistogram histogram = samples.get(at).histogram();
    return histogram == null ? SampleCursor.super.histogram() : histogram;
  }
}
