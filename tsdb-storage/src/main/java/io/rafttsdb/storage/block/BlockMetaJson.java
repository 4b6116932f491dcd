package io.rafttsdb.storage.block;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.BlockMeta.Parent;
import io.rafttsdb.storage.block.BlockMeta.Stats;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import io.rafttsdb.storage.model.Ulid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * meta.json as Prometheus writes it: indented by tabs, no newline at the end, counts of zero and
 * empty lists left out. Fields that only newer versions know are passed over when reading.
 */
final class BlockMetaJson {

  /** Files are smaller, so that a damaged one takes no memory. */
  private static final int FILE_BYTES_MAX = 16 << 20;

  private static final JsonFactory JSON = new JsonFactory();

  private BlockMetaJson() {}

  static byte[] write(BlockMeta meta) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DefaultIndenter tabs = new DefaultIndenter("\t", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
                Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                    .withObjectEmptySeparator("")
                    .withArrayEmptySeparator(""))
            .withObjectIndenter(tabs)
            .withArrayIndenter(tabs);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.setPrettyPrinter(printer);
      json.writeStartObject();
      json.writeStringField("ulid", meta.ulid().toString());
      json.writeNumberField("minTime", meta.minMs());
      json.writeNumberField("maxTime", meta.endMs());
      writeStats(json, meta.stats());
      writeCompaction(json, meta.compaction());
      json.writeNumberField("version", BlockMeta.VERSION);
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return out.toByteArray();
  }

  private static void writeStats(JsonGenerator json, Stats stats) throws IOException {
    json.writeObjectFieldStart("stats");
    writeCount(json, "numSamples", stats.samples());
    writeCount(json, "numFloatSamples", stats.floatSamples());
    writeCount(json, "numHistogramSamples", stats.histogramSamples());
    writeCount(json, "numSeries", stats.series());
    writeCount(json, "numChunks", stats.chunks());
    writeCount(json, "numTombstones", stats.tombstones());
    json.writeEndObject();
  }

  private static void writeCount(JsonGenerator json, String name, long count) throws IOException {
    if (count != 0) {
      json.writeNumberField(name, count);
    }
  }

  private static void writeCompaction(JsonGenerator json, Compaction compaction)
      throws IOException {
    json.writeObjectFieldStart("compaction");
    json.writeNumberField("level", compaction.level());
    if (!compaction.sources().isEmpty()) {
      json.writeArrayFieldStart("sources");
      for (Ulid source : compaction.sources()) {
        json.writeString(source.toString());
      }
      json.writeEndArray();
    }
    if (compaction.deletable()) {
      json.writeBooleanField("deletable", true);
    }
    if (!compaction.parents().isEmpty()) {
      json.writeArrayFieldStart("parents");
      for (Parent parent : compaction.parents()) {
        json.writeStartObject();
        json.writeStringField("ulid", parent.ulid().toString());
        json.writeNumberField("minTime", parent.minMs());
        json.writeNumberField("maxTime", parent.endMs());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    if (compaction.failed()) {
      json.writeBooleanField("failed", true);
    }
    if (!compaction.hints().isEmpty()) {
      json.writeArrayFieldStart("hints");
      for (String hint : compaction.hints()) {
        json.writeString(hint);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  /** Reads and checks a file. */
  static BlockMeta read(Path file) throws IOException {
    long sizeBytes = Files.size(file);
    if (sizeBytes > FILE_BYTES_MAX) {
      throw new CorruptFile(
          file, 0, "a file of at most " + FILE_BYTES_MAX + " bytes", sizeBytes + " bytes");
    }
    byte[] bytes = Files.readAllBytes(file);
    try (JsonParser json = JSON.createParser(bytes)) {
      return new Reading(file, json).meta();
    } catch (JsonProcessingException e) {
      throw new CorruptFile(file, e.getLocation().getByteOffset(), "JSON", e.getOriginalMessage());
    }
  }

  /** One reading of one file: the fields as far as they were seen. */
  private static final class Reading {
    private final Path file;
    private final JsonParser json;
    private String ulid = "";
    private long minMs = Long.MAX_VALUE;
    private long endMs = Long.MIN_VALUE;
    private long version;
    private final long[] counts = new long[6];
    private long level;
    private final List<Ulid> sources = new ArrayList<>();
    private final List<Parent> parents = new ArrayList<>();
    private final List<String> hints = new ArrayList<>();
    private boolean deletable;
    private boolean failed;

    Reading(Path file, JsonParser json) {
      this.file = file;
      this.json = json;
    }

    BlockMeta meta() throws IOException {
      json.nextToken();
      object(this::field);
      if (json.nextToken() != null) {
        throw corrupt("the end of the file", json.getText());
      }
      if (version > BlockMeta.VERSION) {
        throw new FormatTooNew(file, 0, BlockMeta.VERSION, version);
      }
      if (version < BlockMeta.VERSION) {
        throw new FormatTooOld(file, 0, BlockMeta.VERSION, version);
      }
      try {
        Stats stats = new Stats(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
        Compaction compaction =
            new Compaction(Math.toIntExact(level), sources, parents, deletable, failed, hints);
        return new BlockMeta(Ulid.parse(ulid), minMs, endMs, stats, compaction);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new CorruptFile(file, 0, "the description of a block", e.toString());
      }
    }

    /** Handles a field by its name; the parser stands on its value. */
    private interface Field {
      void read(String name) throws IOException;
    }

    private void object(Field field) throws IOException {
      expect(JsonToken.START_OBJECT);
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        field.read(name);
      }
    }

    private void array(Field element) throws IOException {
      if (json.currentToken() == JsonToken.VALUE_NULL) {
        return;
      }
      expect(JsonToken.START_ARRAY);
      while (json.nextToken() != JsonToken.END_ARRAY) {
        element.read("");
      }
    }

    private void field(String name) throws IOException {
      switch (name) {
        case "ulid" -> ulid = text();
        case "minTime" -> minMs = number();
        case "maxTime" -> endMs = number();
        case "version" -> version = number();
        case "stats" -> object(this::stat);
        case "compaction" -> object(this::compaction);
        default -> json.skipChildren();
      }
    }

    private void stat(String name) throws IOException {
      int place =
          switch (name) {
            case "numSamples" -> 0;
            case "numFloatSamples" -> 1;
            case "numHistogramSamples" -> 2;
            case "numSeries" -> 3;
            case "numChunks" -> 4;
            case "numTombstones" -> 5;
            default -> -1;
          };
      if (place < 0) {
        json.skipChildren();
      } else {
        counts[place] = number();
      }
    }

    private void compaction(String name) throws IOException {
      switch (name) {
        case "level" -> level = number();
        case "sources" -> array(none -> sources.add(ulid()));
        case "parents" -> array(none -> parents.add(parent()));
        case "hints" -> array(none -> hints.add(text()));
        case "deletable" -> deletable = flag();
        case "failed" -> failed = flag();
        default -> json.skipChildren();
      }
    }

    private Parent parent() throws IOException {
      String[] name = {""};
      long[] range = new long[2];
      object(field -> {
        switch (field) {
          case "ulid" -> name[0] = text();
          case "minTime" -> range[0] = number();
          case "maxTime" -> range[1] = number();
          default -> json.skipChildren();
        }
      });
      return new Parent(parse(name[0]), range[0], range[1]);
    }

    private Ulid ulid() throws IOException {
      return parse(text());
    }

    private Ulid parse(String text) throws CorruptFile {
      if (!Ulid.isUlid(text)) {
        throw corrupt("a ULID", "\"" + text + "\"");
      }
      return Ulid.parse(text);
    }

    private String text() throws IOException {
      expect(JsonToken.VALUE_STRING);
      return json.getText();
    }

    private long number() throws IOException {
      expect(JsonToken.VALUE_NUMBER_INT);
      return json.getLongValue();
    }

    private boolean flag() throws IOException {
      if (json.currentToken() != JsonToken.VALUE_TRUE) {
        expect(JsonToken.VALUE_FALSE);
      }
      return json.getBooleanValue();
    }

    private void expect(JsonToken token) throws IOException {
      if (json.currentToken() != token) {
        throw corrupt(token.toString(), "" + json.currentToken());
      }
    }

    private CorruptFile corrupt(String expected, String found) {
      return new CorruptFile(file, json.currentTokenLocation().getByteOffset(), expected, found);
    }
  }
}
