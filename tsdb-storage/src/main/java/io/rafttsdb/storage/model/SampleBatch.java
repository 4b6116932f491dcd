package io.rafttsdb.storage.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one write request in columnar form, in the order in which they came. A
 * <em>row</em> is one series with its samples; it names the series by a ref, or by its labels,
 * which means "this series, created if it is not there". The same series may stand in several rows.
 * A sample is a float or a native histogram; most batches have no histograms, and no column for
 * them.
 *
 * <p>Immutable; the arrays belong to it.
 */
public final class SampleBatch {

  /** The ref of a row that names its series by labels. Refs handed out start at 1. */
  public static final long NO_REF = 0;

  private final long[] refs;
  private final @Nullable Labels[] definitions;
  private final int[] sampleEnds;
  private final long[] timestampsMs;
  private final long[] valueBits;

  /** Null at samples that are floats; no column where all are. */
  private final @Nullable NativeHistogram @Nullable [] histograms;

  private SampleBatch(
      long[] refs,
      @Nullable Labels[] definitions,
      int[] sampleEnds,
      long[] timestampsMs,
      long[] valueBits,
      @Nullable NativeHistogram @Nullable [] histograms) {
    this.refs = refs;
    this.definitions = definitions;
    this.sampleEnds = sampleEnds;
    this.timestampsMs = timestampsMs;
    this.valueBits = valueBits;
    this.histograms = histograms;
  }

  /** Number of rows. */
  public int rowCount() {
    return refs.length;
  }

  public int sampleCount() {
    return timestampsMs.length;
  }

  /** Ref of a row's series, or {@link #NO_REF} where the row has {@link #definition labels}. */
  public long ref(int row) {
    return refs[row];
  }

  /** Labels of a row without a ref. */
  public Labels definition(int row) {
    Labels definition = definitions[row];
    if (definition == null) {
      throw new IllegalStateException("row " + row + " names its series by ref " + refs[row]);
    }
    return definition;
  }

  /** First sample of a row, an index into {@link #timestampMs} and {@link #valueBits}. */
  public int sampleStart(int row) {
    return row == 0 ? 0 : sampleEnds[row - 1];
  }

  /** One past the last sample of a row. */
  public int sampleEnd(int row) {
    return sampleEnds[row];
  }

  public long timestampMs(int sample) {
    return timestampsMs[sample];
  }

  /** The bits of a float; 0 where the sample is a histogram. */
  public long valueBits(int sample) {
    return valueBits[sample];
  }

  /** Whether any sample is a histogram. */
  public boolean hasHistograms() {
    return histograms != null;
  }

  /** The histogram of a sample, or null where the sample is a float. */
  public @Nullable NativeHistogram histogram(int sample) {
    return histograms == null ? null : histograms[sample];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SampleBatch batch
        && Arrays.equals(refs, batch.refs)
        && Arrays.equals(definitions, batch.definitions)
        && Arrays.equals(sampleEnds, batch.sampleEnds)
        && Arrays.equals(timestampsMs, batch.timestampsMs)
        && Arrays.equals(valueBits, batch.valueBits)
        && Arrays.equals(histograms, batch.histograms);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(refs) * 31 + Arrays.hashCode(timestampsMs);
  }

  @Override
  public String toString() {
    return "SampleBatch[" + rowCount() + " rows, " + sampleCount() + " samples]";
  }

  /** Collects rows; not for several threads. May be used again after {@link #build}. */
  public static final class Builder {
    private long[] refs = new long[64];
    private @Nullable Labels[] definitions = new Labels[64];
    private int[] sampleEnds = new int[64];
    private int rows;
    private long[] timestampsMs = new long[64];
    private long[] valueBits = new long[64];
    private @Nullable NativeHistogram @Nullable [] histograms;
    private int samples;

    /** Begins a row of a known series. */
    public Builder series(long ref) {
      if (ref < 1) {
        throw new IllegalArgumentException("series ref " + ref + ", expected 1 or more");
      }
      return row(ref, null);
    }

    /** Begins a row of a series that may not exist yet. */
    public Builder series(Labels labels) {
      return row(NO_REF, labels);
    }

    private Builder row(long ref, @Nullable Labels labels) {
      if (rows == refs.length) {
        refs = Arrays.copyOf(refs, rows * 2);
        definitions = Arrays.copyOf(definitions, rows * 2);
        sampleEnds = Arrays.copyOf(sampleEnds, rows * 2);
      }
      refs[rows] = ref;
      definitions[rows] = labels;
      sampleEnds[rows] = samples;
      rows++;
      return this;
    }

    /** Adds a histogram to the row begun last. */
    public Builder histogram(long timestampMs, NativeHistogram histogram) {
      sample(timestampMs, 0);
      @Nullable NativeHistogram[] column = histograms;
      if (column == null) {
        column = new NativeHistogram[timestampsMs.length];
      } else if (column.length < samples) {
        column = Arrays.copyOf(column, timestampsMs.length);
      }
      column[samples - 1] = histogram.stripped();
      histograms = column;
      return this;
    }

    /** Adds a float to the row begun last. */
    public Builder sample(long timestampMs, long bits) {
      if (rows == 0) {
        throw new IllegalStateException("a sample before the first series");
      }
      if (samples == timestampsMs.length) {
        timestampsMs = Arrays.copyOf(timestampsMs, samples * 2);
        valueBits = Arrays.copyOf(valueBits, samples * 2);
      }
      timestampsMs[samples] = timestampMs;
      valueBits[samples] = bits;
      samples++;
      sampleEnds[rows - 1] = samples;
      return this;
    }

    public int rowCount() {
      return rows;
    }

    public int sampleCount() {
      return samples;
    }

    public SampleBatch build() {
      SampleBatch batch =
          new SampleBatch(
              Arrays.copyOf(refs, rows),
              Arrays.copyOf(definitions, rows),
              Arrays.copyOf(sampleEnds, rows),
              Arrays.copyOf(timestampsMs, samples),
              Arrays.copyOf(valueBits, samples),
              histograms == null ? null : Arrays.copyOf(histograms, samples));
      Arrays.fill(definitions, 0, rows, null);
      histograms = null;
      rows = 0;
      samples = 0;
      return batch;
    }
  }
}
