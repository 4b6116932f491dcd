package io.rafttsdb.storage.chunk;

import static org.junit.jupiter.api.Assumptions.abort;

import io.rafttsdb.storage.model.BucketLayout;
import io.rafttsdb.storage.model.BucketSpans;
import io.rafttsdb.storage.model.FloatHistogram;
import io.rafttsdb.storage.model.IntegerHistogram;
import io.rafttsdb.storage.model.NativeHistogram;
import io.rafttsdb.storage.model.SampleCursor;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A Prometheus server that takes samples by remote write and shows the chunks of its Head. */
public final class LivePrometheus implements AutoCloseable {

  private static final int LITERAL_BYTES_MAX = 1 << 16;
  private static final int SEGMENT_HEADER_BYTES = 8;
  private static final int CRC_BYTES = 4;

  private final Process process;
  private final BufferedReader output;
  private final Path data;
  private final URI http;
  private final HttpClient client = HttpClient.newHttpClient();

  private LivePrometheus(Process process, Path data, URI http) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.data = data;
    this.http = http;
  }

  /**
   * A program of version 3.5 or later, in PROMETHEUS_HOME or else on the PATH; where there is none,
   * the test is skipped.
   */
  public static Path programOrSkip() throws IOException {
    Path program =
        program().orElseGet(() -> abort("no prometheus in PROMETHEUS_HOME or on the PATH"));
    String version = version(program);
    if (!version.matches("prometheus, version 3\\.([5-9]|[1-9][0-9])\\..*")) {
      abort("expected Prometheus 3.5 or later, found " + version);
    }
    return program;
  }

  private static Optional<Path> program() {
    Map<String, String> environment = System.getenv();
    List<Path> places = new ArrayList<>();
    if (environment.containsKey("PROMETHEUS_HOME")) {
      places.add(Path.of(environment.get("PROMETHEUS_HOME")));
    }
    for (String place : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      places.add(Path.of(place));
    }
    return places.stream()
        .map(place -> place.resolve("prometheus"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What it says of its version. */
  private static String version(Path program) throws IOException {
    Process process =
        new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      return String.valueOf(lines.readLine());
    }
  }

  public static LivePrometheus start(Path program, Path directory) throws IOException {
    return start(program, directory, "");
  }

  /**
   * Starts it with a configuration.
   *
   * @param config text of its file
   */
  public static LivePrometheus start(Path program, Path directory, String config)
      throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path file = Files.writeString(directory.resolve("prometheus.yml"), config);
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + file,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--web.enable-remote-write-receiver",
                "--web.enable-admin-api",
                "--enable-feature=native-histograms")
            .redirectErrorStream(true)
            .start();
    LivePrometheus prometheus =
        new LivePrometheus(
            process, directory.resolve("data"), URI.create("http://127.0.0.1:" + port));
    prometheus.awaitReady();
    return prometheus;
  }

  private void awaitReady() throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.contains("Server is ready to receive web requests")) {
        Thread.ofVirtual().start(this::drain);
        return;
      }
      seen.append(line).append('\n');
    }
    throw new IOException("expected Prometheus to become ready, found\n" + seen);
  }

  /** Takes what it prints, so that it never waits for a reader. */
  private void drain() {
    try {
      output.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      process.destroyForcibly(); // closed while it was read: the process ends
    }
  }

  /**
   * Sends the samples of series, time by time, and gives the series the chunks that came of them.
   *
   * @param series sorted by name; samples of all begin at about the same time, and are sent
   *     together where they lie less than half a step from the same multiple of it
   */
  public void record(List<RecordedSeries> series, long stepMs)
      throws IOException, InterruptedException {
    TreeMap<Long, List<RecordedSeries>> byStep = new TreeMap<>();
    for (RecordedSeries each : series) {
      for (RecordedSeries.Sample sample : each.samples()) {
        long step = (sample.timestampMs() + stepMs / 2) / stepMs;
        byStep.computeIfAbsent(step, _ -> new ArrayList<>()).add(each);
      }
    }
    int[] next = new int[series.size()];
    for (List<RecordedSeries> step : byStep.values()) {
      List<String> names = new ArrayList<>();
      List<RecordedSeries.Sample> samples = new ArrayList<>();
      for (RecordedSeries each : step) {
        names.add(each.name());
        samples.add(each.samples().get(next[series.indexOf(each)]++));
      }
      write(names, samples);
    }
    deal(series, chunks());
  }

  /** Gives series their chunks: another one begins where time steps back. */
  private static void deal(List<RecordedSeries> series, List<Chunk> chunks) throws IOException {
    int at = -1;
    long newestMs = Long.MAX_VALUE;
    for (Chunk chunk : chunks) {
      SampleCursor samples = chunk.samples();
      samples.next();
      if (samples.timestampMs() <= newestMs) {
        at++;
      }
      newestMs = samples.timestampMs();
      series.get(at).chunks().add(RecordedSeries.Recorded.of(chunk.encoding(), chunk.data()));
    }
    if (at != series.size() - 1) {
      throw new IOException("expected chunks of " + series.size() + " series, found " + (at + 1));
    }
  }

  public URI http() {
    return http;
  }

  /** Sends one sample of each of some series in one request; all must be accepted. */
  public void write(List<String> names, List<RecordedSeries.Sample> samples)
      throws IOException, InterruptedException {
    Message request = new Message();
    for (int i = 0; i < names.size(); i++) {
      Message series = new Message();
      series.message(1, label("__name__", names.get(i)));
      RecordedSeries.Sample sample = samples.get(i);
      NativeHistogram histogram = sample.histogram();
      if (histogram == null) {
        series.message(
            2, new Message().fixed64(1, sample.valueBits()).varint(2, sample.timestampMs()));
      } else {
        series.message(4, message(histogram, sample.timestampMs()));
      }
      request.message(1, series);
    }
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(http.resolve("/api/v1/write"))
                .header("Content-Type", "application/x-protobuf")
                .header("Content-Encoding", "snappy")
                .header("X-Prometheus-Remote-Write-Version", "0.1.0")
                .POST(BodyPublishers.ofByteArray(snappy(request.toBytes())))
                .build(),
            BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new IOException("expected 2xx, got " + response.statusCode() + " " + response.body());
    }
  }

  private static Message label(String name, String value) {
    return new Message()
        .bytes(1, name.getBytes(StandardCharsets.UTF_8))
        .bytes(2, value.getBytes(StandardCharsets.UTF_8));
  }

  private static Message message(NativeHistogram histogram, long timestampMs) {
    BucketLayout layout = histogram.layout();
    Message out = new Message();
    switch (histogram) {
      case IntegerHistogram integers -> {
        out.varint(1, integers.count()).varint(6, integers.zeroCount());
        out.bytes(9, zigzags(integers.negativeDeltas()));
        out.bytes(12, zigzags(integers.positiveDeltas()));
      }
      case FloatHistogram floats -> {
        out.fixed64(2, floats.countBits()).fixed64(7, floats.zeroCountBits());
        out.bytes(10, fixed64s(floats.negativeBits()));
        out.bytes(13, fixed64s(floats.positiveBits()));
      }
    }
    out.fixed64(3, histogram.sumBits());
    out.varint(4, Message.zigzag(layout.schema())).fixed64(5, layout.zeroThresholdBits());
    spans(out, 8, layout.negative());
    spans(out, 11, layout.positive());
    out.varint(14, histogram.hint().code()).varint(15, timestampMs);
    return out.bytes(16, fixed64s(layout.customBounds()));
  }

  private static void spans(Message out, int field, BucketSpans spans) {
    for (int i = 0; i < spans.spanCount(); i++) {
      out.message(
          field,
          new Message()
              .varint(1, Message.zigzag(spans.offsets()[i]))
              .varint(2, spans.lengths()[i]));
    }
  }

  private static byte[] zigzags(long[] values) {
    Message packed = new Message();
    for (long value : values) {
      packed.varint(Message.zigzag(value));
    }
    return packed.toBytes();
  }

  private static byte[] fixed64s(long[] values) {
    ByteBuffer packed =
        ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      packed.putLong(value);
    }
    return packed.array();
  }

  /** A snappy block of nothing but literals. */
  private static byte[] snappy(byte[] plain) {
    Message out = new Message().varint(plain.length);
    for (int at = 0; at < plain.length; at += LITERAL_BYTES_MAX) {
      int length = Math.min(LITERAL_BYTES_MAX, plain.length - at);
      out.raw(new byte[] {(byte) (61 << 2), (byte) (length - 1), (byte) ((length - 1) >> 8)}, 0, 3);
      out.raw(plain, at, length);
    }
    return out.toBytes();
  }

  /** All chunks, in the order of a block written of the Head. */
  private List<Chunk> chunks() throws IOException, InterruptedException {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(http.resolve("/api/v1/admin/tsdb/snapshot"))
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("expected 200, got " + response.statusCode() + " " + response.body());
    }
    try (Stream<Path> files = Files.walk(data.resolve("snapshots"))) {
      List<Path> segments = files.filter(path -> path.endsWith("chunks/000001")).toList();
      if (segments.size() != 1) {
        throw new IOException("expected one block, found " + segments);
      }
      return parse(Files.readAllBytes(segments.getFirst()));
    }
  }

  private static List<Chunk> parse(byte[] segment) {
    List<Chunk> chunks = new ArrayList<>();
    for (int at = SEGMENT_HEADER_BYTES; at < segment.length; ) {
      int length = 0;
      for (int shift = 0; ; shift += 7) {
        length |= (segment[at] & 0x7f) << shift;
        if (segment[at++] >= 0) {
          break;
        }
      }
      Encoding encoding = Encoding.of(segment[at++]);
      byte[] bytes = Arrays.copyOfRange(segment, at, at + length);
      chunks.add(new Chunk(encoding, 0, 0, bytes));
      at += length + CRC_BYTES;
    }
    return chunks;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    client.shutdownNow();
  }

  /** A protobuf message. */
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static long zigzag(long value) {
      return (value << 1) ^ (value >> 63);
    }

    Message varint(long value) {
      while ((value & ~0x7fL) != 0) {
        bytes.write((int) (value | 0x80));
        value >>>= 7;
      }
      bytes.write((int) value);
      return this;
    }

    Message varint(int field, long value) {
      return varint(field << 3).varint(value);
    }

    Message fixed64(int field, long bits) {
      varint(field << 3 | 1);
      byte[] fixed =
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array();
      return raw(fixed, 0, fixed.length);
    }

    Message bytes(int field, byte[] content) {
      return varint(field << 3 | 2).varint(content.length).raw(content, 0, content.length);
    }

    Message message(int field, Message content) {
      return bytes(field, content.toBytes());
    }

    Message raw(byte[] content, int from, int length) {
      bytes.write(content, from, length);
      return this;
    }

    byte[] toBytes() {
      return bytes.toByteArray();
    }
  }
}
