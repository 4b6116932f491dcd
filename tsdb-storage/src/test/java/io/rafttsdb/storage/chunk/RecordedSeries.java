package io.rafttsdb.storage.chunk;

import io.rafttsdb.storage.model.HistogramEncoding;
import io.rafttsdb.storage.model.NativeHistogram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Samples that a Prometheus was given, and the chunks that it made of them.
 *
 * @param samples in order of time
 * @param chunks likewise
 */
public record RecordedSeries(String name, List<Sample> samples, List<Recorded> chunks) {

  /**
   * A sample: a float's bits, or a histogram.
   *
   * @param valueBits meaningless beside a histogram
   */
  public record Sample(long timestampMs, long valueBits, @Nullable NativeHistogram histogram) {}

  /** A chunk's encoding and its bytes in hexadecimal. */
  public record Recorded(int encoding, String hex) {
    public static Recorded of(Encoding encoding, byte[] data) {
      return new Recorded(encoding.code(), HexFormat.of().formatHex(data));
    }

    /**
     * An open chunk as a snapshot writes it: anew, and without what a counter's says of how it
     * follows the chunk before.
     */
    public static Recorded ofOpen(Encoding encoding, byte[] data) {
      byte[] bytes = data.clone();
      if (encoding != Encoding.XOR
          && CounterState.of(bytes[HistogramWriter.FLAGS]) != CounterState.GAUGE) {
        bytes[HistogramWriter.FLAGS] = CounterState.UNKNOWN.flags();
      }
      return of(encoding, bytes);
    }
  }

  /** The lines of a file: a name, then samples, then chunks, for each series. */
  public static List<String> toLines(List<RecordedSeries> all) {
    List<String> lines = new ArrayList<>();
    for (RecordedSeries series : all) {
      lines.add("series " + series.name);
      for (Sample sample : series.samples) {
        NativeHistogram histogram = sample.histogram;
        lines.add(
            histogram == null
                ? String.format(Locale.ROOT, "float %d %016x", sample.timestampMs, sample.valueBits)
                : "histogram "
                    + sample.timestampMs
                    + " "
                    + HexFormat.of().formatHex(HistogramEncoding.encode(histogram)));
      }
      series.chunks.forEach(chunk -> lines.add("chunk " + chunk.encoding + " " + chunk.hex));
    }
    return lines;
  }

  /** What a packed resource beside a test holds. */
  public static List<RecordedSeries> ofResource(Class<?> test, String name) throws IOException {
    try (InputStream in = test.getResourceAsStream(name);
        InputStream plain = new GZIPInputStream(Objects.requireNonNull(in))) {
      return fromLines(new String(plain.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }

  private static List<RecordedSeries> fromLines(List<String> lines) {
    List<RecordedSeries> all = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "series" ->
            all.add(new RecordedSeries(words[1], new ArrayList<>(), new ArrayList<>()));
        case "float" ->
            all.getLast()
                .samples
                .add(
                    new Sample(
                        Long.parseLong(words[1]), Long.parseUnsignedLong(words[2], 16), null));
        case "histogram" ->
            all.getLast()
                .samples
                .add(
                    new Sample(
                        Long.parseLong(words[1]),
                        0,
                        HistogramEncoding.decode(HexFormat.of().parseHex(words[2]))));
        case "chunk" ->
            all.getLast().chunks.add(new Recorded(Integer.parseInt(words[1]), words[2]));
        default -> throw new IllegalArgumentException("a line of " + words[0]);
      }
    }
    return all;
  }
}
