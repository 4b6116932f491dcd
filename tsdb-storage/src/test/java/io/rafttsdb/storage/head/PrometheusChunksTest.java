package io.rafttsdb.storage.head;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.rafttsdb.storage.chunk.XorReader;
import io.rafttsdb.storage.model.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A chunks file of a block that {@code promtool tsdb create-blocks-from openmetrics} of Prometheus
 * 2.42 made: six series with counters, constants once a second, random values, changing rates,
 * gaps, NaN, infinities, -0.0. The samples in it, appended here, must give the same bytes, cut at
 * the same places.
 */
class PrometheusChunksTest {

  /** promtool doubles the block range while it fills the Head. */
  private static final long RANGE_MS = 2 * Settings.BLOCK_RANGE_DEFAULT_MS;

  private static final int SEGMENT_HEADER_BYTES = 8;
  private static final int XOR_ENCODING = 1;
  private static final int CRC_BYTES = 4;

  @Test
  void theHeadMakesTheChunksOfPrometheus() throws IOException {
    int samples = 0;
    List<List<byte[]>> bySeries = readSeries();
    assertThat(bySeries).hasSize(6);
    for (List<byte[]> expected : bySeries) {
      MemSeries series = null;
      for (byte[] chunk : expected) {
        XorReader reader = new XorReader(chunk, XorReader.countOf(chunk));
        while (reader.next()) {
          series = append(series, reader.timestampMs(), reader.valueBits());
          samples++;
        }
      }
      assertThat(hex(chunksOf(requireNonNull(series)))).isEqualTo(hex(expected));
    }
    assertThat(samples).isEqualTo(3987);
  }

  private static MemSeries append(@Nullable MemSeries series, long timestampMs, long valueBits) {
    MemSeries known = series == null ? new MemSeries(new SeriesPage(), 1, new byte[0][]) : series;
    known.append(timestampMs, valueBits, RANGE_MS);
    return known;
  }

  private static List<byte[]> chunksOf(MemSeries series) {
    List<byte[]> chunks = new ArrayList<>();
    HeadChunk newest = requireNonNull(series.newest());
    chunks.add(series.openBytes());
    for (HeadChunk chunk = newest.previous(); chunk != null; chunk = chunk.previous()) {
      chunks.addFirst(chunk.bytes());
    }
    return chunks;
  }

  private static List<String> hex(List<byte[]> chunks) {
    return chunks.stream().map(HexFormat.of()::formatHex).toList();
  }

  /** The chunks in order of the file; a series ends where time steps back. */
  private static List<List<byte[]>> readSeries() throws IOException {
    byte[] file;
    try (InputStream in =
        PrometheusChunksTest.class.getResourceAsStream("prometheus-2.42.chunks")) {
      file = requireNonNull(in).readAllBytes();
    }
    List<List<byte[]>> series = new ArrayList<>();
    long previousMs = Long.MAX_VALUE;
    for (int at = SEGMENT_HEADER_BYTES; at < file.length; ) {
      int length = file[at++] & 0x7f;
      if (file[at - 1] < 0) {
        length |= file[at++] << 7;
      }
      assertThat(file[at++]).isEqualTo((byte) XOR_ENCODING);
      byte[] chunk = Arrays.copyOfRange(file, at, at + length);
      at += length + CRC_BYTES;
      XorReader first = new XorReader(chunk, 1);
      assertThat(first.next()).isTrue();
      if (first.timestampMs() < previousMs) {
        series.add(new ArrayList<>());
      }
      previousMs = first.timestampMs();
      series.getLast().add(chunk);
    }
    return series;
  }
}
