package org.embedllm.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Program;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class KeyCommandTest {
  @TempDir private Path folder;
  private StringWriter out = new StringWriter();
  private StringWriter err = new StringWriter();
  private String config = "";

  @BeforeEach
  void configure() throws IOException {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(file, "upstreams:\n  - {model: a, url: \"http://127.0.0.1:1/v1\"}\n");
    config = file.toString();
  }

  private int run(String action, String... more) {
    out = new StringWriter();
    err = new StringWriter();
    var arguments = new ArrayList<>(List.of("key", action));
    arguments.add(folder.resolve("model.safetensors").toString());
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("--config", config));
    return new Program(
            List.of(new CommandEntry("key", KeyCommand::new)),
            new PrintWriter(out, true),
            new PrintWriter(err, true))
        .run(arguments.toArray(String[]::new));
  }

  private JsonNode json() {
    return JsonMapper.shared().readTree(out.toString());
  }

  @Test
  void key_created_isListedWithItsRightsAndWithoutItsSecret() {
    assertThat(
            run(
                "create",
                "alice",
                "--models",
                "a,auto",
                "--usd",
                "5",
                "--per",
                "12h",
                "--metadata",
                "team=search",
                "--expires",
                "30d",
                "--json"))
        .isZero();
    String secret = json().path("key").asString();
    assertThat(secret).startsWith("ek-");
    assertThat(run("list", "--json")).isZero();
    assertThat(out.toString()).doesNotContain(secret);
    JsonNode key = json().get(0);
    assertThat(key.path("name").asString()).isEqualTo("alice");
    assertThat(key.path("state").asString()).isEqualTo("active");
    assertThat(key.path("models")).hasToString("[\"a\",\"auto\"]");
    assertThat(key.at("/budget/usd").asDouble()).isEqualTo(5);
    assertThat(key.at("/budget/per").asString()).isEqualTo("12h");
    assertThat(key.at("/metadata/team").asString()).isEqualTo("search");
  }

  @Test
  void key_rotatedExpiredAndRevoked_saysSo() {
    assertThat(run("create", "alice")).isZero();
    assertThat(run("rotate", "alice", "--overlap", "1h")).isZero();
    assertThat(out.toString()).contains("key: ek-");
    assertThat(run("expire", "alice")).isZero();
    assertThat(run("list", "--json")).isZero();
    assertThat(json().get(0).path("state").asString()).isEqualTo("expired");
    assertThat(run("revoke", "alice")).isZero();
    assertThat(run("list")).isZero();
    assertThat(out.toString()).contains("alice", "revoked");
  }

  @Test
  void mistakes_areOneLineWithTheRemedy() {
    assertThat(run("revoke", "nobody")).isEqualTo(2);
    assertThat(err.toString()).contains("nobody").hasLineCount(1);
    assertThat(run("create")).isEqualTo(2);
    assertThat(err.toString()).contains("NAME is missing");
    assertThat(run("create", "a b")).isEqualTo(2);
    assertThat(err.toString()).contains("letters");
    assertThat(run("create", "bob", "--models", "a,nosuchmodel")).isEqualTo(2);
    assertThat(err.toString()).contains("models has \"nosuchmodel\"").hasLineCount(1);
    assertThat(run("list")).isZero();
    assertThat(out.toString()).doesNotContain("bob");
  }
}
