package io.rafttsdb.node.members;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.rafttsdb.replica.Member;
import io.rafttsdb.replica.Membership;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The members as a node tells them, in JSON: docs/http-api.md has the fields.
 *
 * @param clusterId the cluster's UUID
 * @param index of the log entry that says who belongs to the cluster; -1 without one
 * @param settled false while a change is under way, in any shard
 * @param change what is being changed, as the leader tells it; empty where nothing is
 */
public record MembersReport(
    String clusterId, long index, boolean settled, String change, List<Line> members) {

  /** Stands for a number that the node does not know. */
  public static final long UNKNOWN = -1;

  private static final JsonFactory JSON = new JsonFactory();

  public MembersReport {
    members = List.copyOf(members);
  }

  /**
   * One member.
   *
   * @param role voter or listener
   * @param commitIndex what it knows to be committed, as it told the leader
   * @param appliedIndex what its queries see, as it told the asked node just now
   * @param lag entries that the leader knows to be committed and that it has not applied
   * @param silentMs for how long it has not answered the leader
   */
  public record Line(
      Member member,
      String role,
      boolean leads,
      long commitIndex,
      long appliedIndex,
      long lag,
      long silentMs) {}

  public boolean contains(String memberId) {
    return members.stream().anyMatch(line -> line.member().id().equals(memberId));
  }

  /**
   * Whether a node that knows an entry of a cluster is not in what the same or a later one says.
   * Such an entry is made only when a majority has the change.
   *
   * @param knownIndex of the node's newest entry; {@link Membership#NO_ENTRY} without one
   */
  boolean leavesOut(String memberId, UUID cluster, long knownIndex) {
    return clusterId.equals(cluster.toString())
        && index != Membership.NO_ENTRY
        && index >= knownIndex
        && !contains(memberId);
  }

  byte[] toJson() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("clusterId", clusterId);
      json.writeNumberField("index", index);
      json.writeBooleanField("settled", settled);
      json.writeStringField("change", change);
      json.writeArrayFieldStart("members");
      for (Line line : members) {
        write(json, line);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, Line line) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", line.member.name());
    json.writeStringField("incarnation", line.member.incarnation());
    json.writeStringField("http", line.member.httpAddress());
    json.writeStringField("raft", line.member.raftAddress());
    json.writeStringField("role", line.role);
    json.writeBooleanField("leader", line.leads);
    number(json, "commitIndex", line.commitIndex);
    number(json, "appliedIndex", line.appliedIndex);
    number(json, "lag", line.lag);
    number(json, "silentMs", line.silentMs);
    json.writeEndObject();
  }

  private static void number(JsonGenerator json, String name, long value) throws IOException {
    if (value == UNKNOWN) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, value);
    }
  }

  /**
   * Reads what a node told.
   *
   * @throws IOException where it is something else
   */
  public static MembersReport parse(byte[] body) throws IOException {
    Map<String, String> fields = new HashMap<>();
    List<Line> lines = new ArrayList<>();
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("the answer is no JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (json.nextToken() == JsonToken.START_ARRAY && name.equals("members")) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            lines.add(line(JsonFields.rest(json)));
          }
        } else {
          fields.put(name, json.getText());
          json.skipChildren();
        }
      }
      return new MembersReport(
          text(fields, "clusterId"),
          number(fields, "index"),
          Boolean.parseBoolean(text(fields, "settled")),
          text(fields, "change"),
          lines);
    } catch (IllegalArgumentException e) {
      throw new IOException("the answer tells no members: " + e.getMessage(), e);
    }
  }

  private static Line line(Map<String, String> fields) throws IOException {
    return new Line(
        new Member(
            text(fields, "name"),
            text(fields, "incarnation"),
            text(fields, "raft"),
            text(fields, "http")),
        text(fields, "role"),
        Boolean.parseBoolean(text(fields, "leader")),
        number(fields, "commitIndex"),
        number(fields, "appliedIndex"),
        number(fields, "lag"),
        number(fields, "silentMs"));
  }

  private static String text(Map<String, String> fields, String name) throws IOException {
    String value = fields.get(name);
    if (value == null) {
      throw new IOException("the answer has no field " + name);
    }
    return value;
  }

  private static long number(Map<String, String> fields, String name) throws IOException {
    String value = text(fields, name);
    return value.equals("null") ? UNKNOWN : Long.parseLong(value);
  }
}
