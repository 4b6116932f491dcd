package io.rafttsdb.storage.block;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rafttsdb.storage.block.BlockMeta.Compaction;
import io.rafttsdb.storage.block.BlockMeta.Parent;
import io.rafttsdb.storage.block.BlockMeta.Stats;
import io.rafttsdb.storage.model.CorruptFile;
import io.rafttsdb.storage.model.FormatTooNew;
import io.rafttsdb.storage.model.FormatTooOld;
import io.rafttsdb.storage.model.Ulid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockMetaJsonTest {

  private static final Ulid A = Ulid.parse("01HF7XKM00000000000000000A");
  private static final Ulid B = Ulid.parse("01HF7XKM00000000000000000B");
  private static final Ulid C = Ulid.parse("01HF7XKM00000000000000000C");

  private static final BlockMeta FULL =
      new BlockMeta(
          C,
          -7_200_000,
          14_400_000,
          new Stats(12, 10, 2, 3, 4, 5),
          new Compaction(
              2,
              List.of(A, B),
              List.of(new Parent(A, -7_200_000, 0), new Parent(B, 0, 14_400_000)),
              true,
              true,
              List.of("from-out-of-order", "quote \" and tab \t")));

  private static final String FULL_TEXT =
      """
      {
      	"ulid": "01HF7XKM00000000000000000C",
      	"minTime": -7200000,
      	"maxTime": 14400000,
      	"stats": {
      		"numSamples": 12,
      		"numFloatSamples": 10,
      		"numHistogramSamples": 2,
      		"numSeries": 3,
      		"numChunks": 4,
      		"numTombstones": 5
      	},
      	"compaction": {
      		"level": 2,
      		"sources": [
      			"01HF7XKM00000000000000000A",
      			"01HF7XKM00000000000000000B"
      		],
      		"deletable": true,
      		"parents": [
      			{
      				"ulid": "01HF7XKM00000000000000000A",
      				"minTime": -7200000,
      				"maxTime": 0
      			},
      			{
      				"ulid": "01HF7XKM00000000000000000B",
      				"minTime": 0,
      				"maxTime": 14400000
      			}
      		],
      		"failed": true,
      		"hints": [
      			"from-out-of-order",
      			"quote \\" and tab \\t"
      		]
      	},
      	"version": 1
      }\
      """;

  @TempDir private Path directory;

  private BlockMeta read(String text) throws IOException {
    return BlockMetaJson.read(Files.writeString(directory.resolve("meta.json"), text));
  }

  @Test
  void writesAndReadsEverything() throws IOException {
    assertThat(new String(BlockMetaJson.write(FULL), UTF_8)).isEqualTo(FULL_TEXT);
    assertThat(read(FULL_TEXT)).isEqualTo(FULL);
  }

  @Test
  void leavesOutWhatIsZeroOrEmpty() throws IOException {
    BlockMeta empty =
        new BlockMeta(
            A,
            0,
            1,
            new Stats(0, 0, 0, 0, 0, 0),
            new Compaction(1, List.of(), List.of(), false, false, List.of()));
    String text =
        """
        {
        	"ulid": "01HF7XKM00000000000000000A",
        	"minTime": 0,
        	"maxTime": 1,
        	"stats": {},
        	"compaction": {
        		"level": 1
        	},
        	"version": 1
        }\
        """;
    assertThat(new String(BlockMetaJson.write(empty), UTF_8)).isEqualTo(text);
    assertThat(read(text)).isEqualTo(empty);
  }

  @Test
  void passesOverWhatItDoesNotKnow() throws IOException {
    String newer =
        FULL_TEXT
            .replace("\"level\": 2,", "\"level\": 2, \"shard\": {\"of\": [1, {\"x\": null}]},")
            .replace("\"numSamples\"", "\"numExemplars\": [7], \"numSamples\"")
            .replace("\"version\": 1", "\"thanos\": {\"labels\": {}}, \"version\": 1");
    assertThat(read(newer)).isEqualTo(FULL);
  }

  @Test
  void anotherVersionIsNoDamage() {
    assertThatThrownBy(() -> read(FULL_TEXT.replace("\"version\": 1", "\"version\": 2")))
        .isInstanceOf(FormatTooNew.class)
        .hasMessageContaining("version 2");
    assertThatThrownBy(() -> read(FULL_TEXT.replace("\"version\": 1", "\"version\": 0")))
        .isInstanceOf(FormatTooOld.class);
  }

  @Test
  void refusesWhatIsNoDescriptionOfABlock() {
    for (String text :
        List.of(
            "",
            "{",
            "[]",
            "null",
            FULL_TEXT + "{}",
            FULL_TEXT.substring(0, FULL_TEXT.length() - 1),
            FULL_TEXT.replace("000C\"", "000\""),
            FULL_TEXT.replace("\"ulid\": \"01HF7XKM00000000000000000A\"", "\"ulid\": \"x\""),
            FULL_TEXT.replace("\"level\": 2", "\"level\": -2"),
            FULL_TEXT.replace("\"level\": 2", "\"level\": 99999999999"),
            FULL_TEXT.replace("\"numSeries\": 3", "\"numSeries\": -3"),
            FULL_TEXT.replace("\"numSeries\": 3", "\"numSeries\": 3.5"),
            FULL_TEXT.replace("\"numSeries\": 3", "\"numSeries\": 99999999999999999999"),
            FULL_TEXT.replace("\"deletable\": true", "\"deletable\": 1"),
            FULL_TEXT.replace(
                "\"maxTime\": 14400000,\n\t\"stats\"", "\"maxTime\": -7200000,\n\t\"stats\""))) {
      assertThatThrownBy(() -> read(text))
          .as(text)
          .isInstanceOf(CorruptFile.class)
          .isNotInstanceOf(FormatTooNew.class)
          .hasMessageContaining("meta.json");
    }
  }
}
