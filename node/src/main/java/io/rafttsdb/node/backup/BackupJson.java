package io.rafttsdb.node.backup;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.rafttsdb.replica.backup.BackupBlock;
import io.rafttsdb.replica.backup.ShardBackup;
import io.rafttsdb.storage.manifest.BlockFacts;
import io.rafttsdb.storage.manifest.Digest;
import io.rafttsdb.storage.model.Settings;
import io.rafttsdb.storage.model.Ulid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** {@code raft-tsdb.json}, version 1 (docs/format/backup.md). */
public final class BackupJson {

  /** A longer file is none of ours. */
  public static final int BYTES_MAX = 64 << 20;

  private static final JsonFactory JSON = new JsonFactory();
  private static final String FORMAT = "raft-tsdb backup";
  private static final long VERSION = 1;

  /** Covers all bytes before it. */
  private static final String CRC_LINE = ",\n  \"crc32c\" : \"";

  private BackupJson() {}

  public static byte[] write(BackupDescription backup) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("format", FORMAT);
      json.writeNumberField("version", VERSION);
      json.writeStringField("name", backup.name());
      json.writeStringField("clusterId", backup.clusterId());
      json.writeStringField("node", backup.node());
      json.writeArrayFieldStart("shards");
      for (ShardBackup shard : backup.shards()) {
        write(json, shard);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    String text = out.toString(UTF_8);
    String body = text.substring(0, text.lastIndexOf('}')).stripTrailing();
    return (body + CRC_LINE + crc(body) + "\"\n}\n").getBytes(UTF_8);
  }

  private static void write(JsonGenerator json, ShardBackup shard) throws IOException {
    json.writeStartObject();
    json.writeNumberField("term", shard.term());
    json.writeNumberField("index", shard.index());
    Settings settings = shard.settings();
    if (settings != null) {
      json.writeNumberField("blockRangeMs", settings.blockRangeMs());
      json.writeNumberField("outOfOrderWindowMs", settings.outOfOrderWindowMs());
    }
    if (shard.upToMs() != Long.MIN_VALUE) {
      json.writeNumberField("upToMs", shard.upToMs());
      json.writeNumberField("newestMs", shard.newestMs());
    }
    json.writeArrayFieldStart("blocks");
    for (BackupBlock block : shard.blocks()) {
      json.writeStartObject();
      json.writeStringField("ulid", block.ulid().toString());
      json.writeNumberField("minTimeMs", block.minMs());
      json.writeNumberField("maxTimeMs", block.endMs());
      json.writeNumberField("sizeBytes", block.facts().sizeBytes());
      json.writeNumberField("series", block.facts().series());
      json.writeNumberField("chunks", block.facts().chunks());
      json.writeNumberField("samples", block.facts().samples());
      json.writeStringField("checksum", block.facts().checksum().toString());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String crc(String body) {
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(UTF_8));
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException where it is something else, of another version, or damaged
   */
  public static BackupDescription read(byte[] bytes) throws IOException {
    String text = new String(bytes, UTF_8);
    int crcAt = text.lastIndexOf(CRC_LINE);
    if (crcAt < 0) {
      throw new IOException("no description of a backup: it ends without its checksum");
    }
    String expected = CRC_LINE + crc(text.substring(0, crcAt)) + "\"\n}\n";
    if (!text.endsWith(expected)) {
      throw new IOException(
          "damaged description of a backup: it ends with "
              + text.substring(crcAt + CRC_LINE.length()).strip()
              + ", its bytes give "
              + crc(text.substring(0, crcAt)));
    }
    Fields top = object(text);
    if (!top.text("format").equals(FORMAT) || top.number("version") != VERSION) {
      throw new IOException(
          "description of format "
              + top.text("format")
              + ", version "
              + top.number("version")
              + "; expected "
              + FORMAT
              + ", version "
              + VERSION);
    }
    List<ShardBackup> shards = new ArrayList<>();
    for (Fields shard : top.objects("shards")) {
      shards.add(shard(shard));
    }
    return new BackupDescription(top.text("name"), top.text("clusterId"), top.text("node"), shards);
  }

  private static ShardBackup shard(Fields fields) throws IOException {
    try {
      List<BackupBlock> blocks = new ArrayList<>();
      for (Fields block : fields.objects("blocks")) {
        blocks.add(
            new BackupBlock(
                Ulid.parse(block.text("ulid")),
                block.number("minTimeMs"),
                block.number("maxTimeMs"),
                new BlockFacts(
                    Digest.of(HexFormat.of().parseHex(block.text("checksum"))),
                    block.number("sizeBytes"),
                    block.number("series"),
                    block.number("chunks"),
                    block.number("samples"))));
      }
      return new ShardBackup(
          fields.number("term"),
          fields.number("index"),
          fields.has("blockRangeMs")
              ? new Settings(fields.number("blockRangeMs"), fields.number("outOfOrderWindowMs"))
              : null,
          fields.has("upToMs") ? fields.number("upToMs") : Long.MIN_VALUE,
          fields.has("upToMs") ? fields.number("newestMs") : Long.MIN_VALUE,
          blocks);
    } catch (IllegalArgumentException e) {
      throw new IOException("description of a backup with a field that is none", e);
    }
  }

  private static Fields object(String text) throws IOException {
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      if (value(parser) instanceof Fields fields) {
        return fields;
      }
      throw new IOException("a description of a backup that is no JSON object");
    }
  }

  /** An object; members that this version does not know are passed over. */
  private record Fields(Map<String, Object> members) {
    boolean has(String name) {
      return members.containsKey(name);
    }

    String text(String name) throws IOException {
      if (members.get(name) instanceof String text) {
        return text;
      }
      throw missing(name);
    }

    long number(String name) throws IOException {
      if (members.get(name) instanceof Long number) {
        return number;
      }
      throw missing(name);
    }

    List<Fields> objects(String name) throws IOException {
      if (!(members.get(name) instanceof List<?> list)) {
        throw missing(name);
      }
      List<Fields> objects = new ArrayList<>();
      for (Object each : list) {
        if (!(each instanceof Fields fields)) {
          throw missing(name);
        }
        objects.add(fields);
      }
      return objects;
    }

    private static IOException missing(String name) {
      return new IOException("description of a backup without a proper field " + name);
    }
  }

  /** The value that the parser stands on: Fields, List, String or Long; null for others. */
  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> members = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          Object value = value(parser);
          if (value != null) {
            members.put(name, value);
          }
        }
        yield new Fields(members);
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          Object value = value(parser);
          if (value != null) {
            list.add(value);
          }
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      default -> null;
    };
  }
}
