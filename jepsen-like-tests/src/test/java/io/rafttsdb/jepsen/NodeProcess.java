package io.rafttsdb.jepsen;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.rafttsdb.client.ClientOptions;
import io.rafttsdb.client.RaftTsdbClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One node: a process of its own, as the launcher starts it, with small heaps and assertions. */
final class NodeProcess extends ServerProcess {

  private static final Duration READY_MAX = Duration.ofSeconds(60);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(5);
  private static final String MAIN_CLASS = "io.rafttsdb.node.cli.RaftTsdb";

  private final Path data;
  private final URI http;
  private final int raftPort;
  private final HttpClient client;

  /**
   * @param config the node's configuration file
   * @param data its data directory, as the configuration has it
   */
  NodeProcess(
      String name, Path config, Path data, URI http, int raftPort, Path log, HttpClient client) {
    super(name, command(config), log);
    this.data = data;
    this.http = http;
    this.raftPort = raftPort;
    this.client = client;
  }

  private static List<String> command(Path config) {
    return command(List.of("server", "--config", config.toString()));
  }

  /** The program with some arguments. */
  static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+CrashOnOutOfMemoryError",
            "-XX:-CreateCoredumpOnCrash",
            "-ea",
            "-Xmx256m",
            "-XX:MaxDirectMemorySize=192m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN_CLASS));
    command.addAll(arguments);
    return command;
  }

  /** The data directory. */
  Path data() {
    return data;
  }

  URI http() {
    return http;
  }

  /** On loopback, as its HTTP address is. */
  int raftPort() {
    return raftPort;
  }

  /** Waits until /-/ready answers 200. */
  NodeProcess awaitReady() {
    await(
        "/-/ready of " + http + " answers 200",
        READY_MAX,
        () -> get("/-/ready").statusCode() == 200);
    return this;
  }

  /** Waits until /-/ready answers 503 with a text that contains another. */
  void awaitNotReady(String reason) {
    await(
        "/-/ready of " + http + " answers 503 with \"" + reason + "\"",
        READY_MAX,
        () -> {
          HttpResponse<String> answer = get("/-/ready");
          return answer.statusCode() == 503 && answer.body().contains(reason);
        });
  }

  /** What the node says of itself, or null where it does not answer. */
  @Nullable Config status() {
    try {
      HttpResponse<String> answer = get("/api/v1/cluster/status");
      return answer.statusCode() == 200 ? ConfigFactory.parseString(answer.body()) : null;
    } catch (IOException e) {
      return null;
    }
  }

  boolean isLeader() {
    Config status = status();
    return status != null
        && status.getString("role").equals("leader")
        && status.getBoolean("ready");
  }

  HttpResponse<String> get(String path) throws IOException {
    return send(HttpRequest.newBuilder(http.resolve(path)).timeout(ANSWER_MAX).build());
  }

  HttpResponse<String> post(String path) throws IOException {
    return send(
        HttpRequest.newBuilder(http.resolve(path))
            .timeout(READY_MAX)
            .POST(BodyPublishers.noBody())
            .build());
  }

  /** Asks for a change of the members, again and again, until it is done or refused. */
  HttpResponse<String> change(String method, String path) {
    List<HttpResponse<String>> answers = new ArrayList<>();
    await(
        method + " " + path + " is answered",
        READY_MAX,
        () -> {
          HttpRequest request =
              HttpRequest.newBuilder(http.resolve("/api/v1/cluster/" + path))
                  .timeout(READY_MAX)
                  .method(method, BodyPublishers.noBody())
                  .build();
          answers.add(send(request));
          return !List.of(202, 503).contains(answers.getLast().statusCode());
        });
    return answers.getLast();
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** A client that asks only this node. */
  RaftTsdbClient onlyClient() {
    return new RaftTsdbClient(ClientOptions.of(List.of(http)));
  }
}
