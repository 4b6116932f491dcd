package io.rafttsdb.command;

import io.rafttsdb.storage.model.HistogramEncoding;
import io.rafttsdb.storage.model.Labels;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One write request as sections, each a column: ids ascend, a section without content is left out.
 * docs/format/log-entry.md shows the layout.
 */
final class RequestCodec {
  private static final int ROWS = 1;
  private static final int DEFINITIONS = 2;
  private static final int SAMPLE_COUNTS = 3;
  private static final int TIMESTAMPS = 4;
  private static final int VALUES = 5;
  private static final int HISTOGRAMS = 6;

  /** From here to {@link #RESERVED_LAST}: exemplars and metadata of a later program. */
  private static final int RESERVED_FIRST = 7;

  private static final int RESERVED_LAST = 31;

  /** Code of a row that is defined by labels; other rows have {@code zigzag(step) + 1}. */
  private static final long DEFINED_BY_LABELS = 0;

  private RequestCodec() {}

  static byte[] encode(SampleBatch batch) {
    ByteWriter out = new ByteWriter(64 + batch.rowCount() * 2 + batch.sampleCount() * 8);
    if (batch.rowCount() > 0) {
      encodeRows(batch, out);
      encodeDefinitions(batch, out);
      encodeSampleCounts(batch, out);
    }
    if (batch.sampleCount() > 0) {
      ByteWriter timestamps = new ByteWriter(64);
      Timestamps.encode(batch, timestamps);
      out.section(TIMESTAMPS, timestamps);
      if (batch.hasHistograms()) {
        encodeMixedValues(batch, out);
      } else {
        encodeValues(batch, out);
      }
    }
    return out.toBytes();
  }

  private static void encodeRows(SampleBatch batch, ByteWriter out) {
    ByteWriter rows = new ByteWriter(batch.rowCount() * 2);
    rows.uvarint(batch.rowCount());
    long previous = 0;
    for (int row = 0; row < batch.rowCount(); row++) {
      long ref = batch.ref(row);
      if (ref == SampleBatch.NO_REF) {
        rows.uvarint(DEFINED_BY_LABELS);
      } else {
        rows.uvarint(ByteWriter.zigzag(ref - previous) + 1);
        previous = ref;
      }
    }
    out.section(ROWS, rows);
  }

  private static void encodeDefinitions(SampleBatch batch, ByteWriter out) {
    ByteWriter definitions = new ByteWriter(64);
    for (int row = 0; row < batch.rowCount(); row++) {
      if (batch.ref(row) == SampleBatch.NO_REF) {
        byte[] canonical = batch.definition(row).canonical();
        definitions.uvarint(canonical.length);
        definitions.raw(canonical);
      }
    }
    if (definitions.length() > 0) {
      out.section(DEFINITIONS, definitions);
    }
  }

  private static void encodeSampleCounts(SampleBatch batch, ByteWriter out) {
    boolean oneEach = true;
    for (int row = 0; row < batch.rowCount() && oneEach; row++) {
      oneEach = batch.sampleEnd(row) - batch.sampleStart(row) == 1;
    }
    if (oneEach) {
      return;
    }
    ByteWriter counts = new ByteWriter(batch.rowCount());
    for (int row = 0; row < batch.rowCount(); row++) {
      counts.uvarint(batch.sampleEnd(row) - batch.sampleStart(row));
    }
    out.section(SAMPLE_COUNTS, counts);
  }

  private static void encodeValues(SampleBatch batch, ByteWriter out) {
    out.u8(VALUES);
    out.uvarint(batch.sampleCount() * 8L);
    for (int i = 0; i < batch.sampleCount(); i++) {
      out.fixed64(batch.valueBits(i));
    }
  }

  /** Floats and histograms apart; a histogram says how many floats stand before it. */
  private static void encodeMixedValues(SampleBatch batch, ByteWriter out) {
    ByteWriter values = new ByteWriter(64);
    ByteWriter histograms = new ByteWriter(64 * batch.sampleCount());
    int floatsBefore = 0;
    for (int i = 0; i < batch.sampleCount(); i++) {
      NativeHistogram histogram = batch.histogram(i);
      if (histogram == null) {
        values.fixed64(batch.valueBits(i));
        floatsBefore++;
      } else {
        byte[] bytes = HistogramEncoding.encode(histogram);
        histograms.uvarint(floatsBefore);
        histograms.uvarint(bytes.length);
        histograms.raw(bytes);
        floatsBefore = 0;
      }
    }
    if (values.length() > 0) {
      out.section(VALUES, values);
    }
    out.section(HISTOGRAMS, histograms);
  }

  static SampleBatch decode(ByteReader in) throws MalformedBytes, UnknownFormat {
    Sections sections = new Sections(in);
    long[] refs = decodeRows(sections.get(ROWS));
    List<Labels> definitions = decodeDefinitions(sections.get(DEFINITIONS), refs);
    ByteReader values = sections.get(VALUES);
    int floatCount = values.remaining() / 8;
    PlacedHistograms histograms = new PlacedHistograms(sections.get(HISTOGRAMS), floatCount);
    int sampleCount = floatCount + histograms.count();
    int[] counts = decodeSampleCounts(sections, refs.length, sampleCount);
    long[] timestampsMs =
        sampleCount == 0 ? new long[0] : Timestamps.decode(sections.get(TIMESTAMPS), sampleCount);
    SampleBatch.Builder batch = new SampleBatch.Builder();
    int sample = 0;
    int defined = 0;
    for (int row = 0; row < refs.length; row++) {
      if (refs[row] == SampleBatch.NO_REF) {
        batch.series(definitions.get(defined++));
      } else {
        batch.series(refs[row]);
      }
      for (int end = sample + counts[row]; sample < end; sample++) {
        NativeHistogram histogram = histograms.at(sample);
        if (histogram == null) {
          batch.sample(timestampsMs[sample], values.fixed64());
        } else {
          batch.histogram(timestampsMs[sample], histogram);
        }
      }
    }
    values.expectEnd("the values");
    return batch.build();
  }

  private static long[] decodeRows(ByteReader in) throws MalformedBytes {
    if (in.remaining() == 0) {
      return new long[0];
    }
    long[] refs = new long[in.count("row", 1)];
    long previous = 0;
    for (int row = 0; row < refs.length; row++) {
      long code = in.uvarint();
      if (code != DEFINED_BY_LABELS) {
        previous += ByteReader.unzigzag(code - 1);
        if (previous < 1) {
          throw new MalformedBytes("ref " + previous + " in row " + row + ", expected 1 or more");
        }
        refs[row] = previous;
      }
    }
    in.expectEnd("the rows");
    return refs;
  }

  private static List<Labels> decodeDefinitions(ByteReader in, long[] refs) throws MalformedBytes {
    List<Labels> definitions = new ArrayList<>();
    for (long ref : refs) {
      if (ref == SampleBatch.NO_REF) {
        byte[] canonical = in.slice("definition").rest();
        try {
          definitions.add(Labels.fromCanonical(canonical));
        } catch (IllegalArgumentException e) {
          throw new MalformedBytes("definition " + definitions.size() + ": " + e.getMessage());
        }
      }
    }
    in.expectEnd("the definitions");
    return definitions;
  }

  private static int[] decodeSampleCounts(Sections sections, int rowCount, int sampleCount)
      throws MalformedBytes {
    int[] counts = new int[rowCount];
    long total = 0;
    if (sections.has(SAMPLE_COUNTS)) {
      ByteReader in = sections.get(SAMPLE_COUNTS);
      for (int row = 0; row < rowCount; row++) {
        long count = in.uvarint();
        if (count < 0 || count > sampleCount - total) {
          throw new MalformedBytes(
              "row "
                  + row
                  + " of "
                  + Long.toUnsignedString(count)
                  + " samples, more than there are");
        }
        counts[row] = (int) count;
        total += count;
      }
      in.expectEnd("the sample counts");
    } else {
      Arrays.fill(counts, 1);
      total = rowCount;
    }
    if (total != sampleCount) {
      throw new MalformedBytes(
          total + " samples in rows, but " + sampleCount + " values and histograms");
    }
    return counts;
  }

  /** The sections of one request by id. */
  private static final class Sections {
    private static final ByteReader NONE = new ByteReader(new byte[0]);

    private final ByteReader[] byId = new ByteReader[HISTOGRAMS + 1];

    Sections(ByteReader in) throws MalformedBytes, UnknownFormat {
      Arrays.fill(byId, NONE);
      int previous = 0;
      while (in.remaining() > 0) {
        int id = in.u8();
        if (id <= previous) {
          throw new MalformedBytes("section " + id + " after section " + previous);
        }
        if (id >= RESERVED_FIRST && id <= RESERVED_LAST) {
          throw new UnknownFormat("section", id, "sections 1 to " + HISTOGRAMS);
        }
        if (id > RESERVED_LAST) {
          throw new MalformedBytes("section " + id + ", expected 1 to " + RESERVED_LAST);
        }
        byId[id] = in.slice("section " + id);
        previous = id;
      }
    }

    boolean has(int id) {
      return byId[id].remaining() > 0;
    }

    ByteReader get(int id) {
      return byId[id];
    }
  }
}
