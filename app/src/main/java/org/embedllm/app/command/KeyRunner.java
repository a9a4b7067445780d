package org.embedllm.app.command;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.TextTable;
import org.embedllm.gateway.KeyAdministration;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.Units;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The gateway's part of the command `key`.
final class KeyRunner {
  private final Console console;
  private final Path model;
  private final GatewayConfig config;

  KeyRunner(Console console, Path model, Path config) {
    this.console = console;
    this.model = model;
    this.config = new ConfigReader(System.getenv()).read(config);
  }

  private void with(Consumer<KeyAdministration> work) {
    try (var keys = new KeyAdministration(model, config, Clock.systemUTC())) {
      work.accept(keys);
    }
  }

  void create(ObjectNode rights) {
    with(keys -> {
      String key = keys.create(rights);
      console.json(rights.put("key", key));
      show(key);
    });
  }

  private void show(String key) {
    console.line("key: %s", key);
    console.line("It is shown only once. Clients send it as: Authorization: Bearer KEY");
  }

  void list() {
    with(keys -> {
      List<ObjectNode> all = keys.list();
      console.json(JsonNodeFactory.instance.arrayNode().addAll(all));
      if (all.isEmpty()) {
        console.line("the store has no key; \"embedllm key create\" makes one");
        return;
      }
      var table = new TextTable("name", "state", "expires", "models", "budget", "admin");
      for (ObjectNode key : all) {
        table.row(
            key.path("name").asString(),
            key.path("state").asString(),
            key.path("expires").asString("never"),
            joined(key.path("models")),
            budget(key.path("budget")),
            key.path("admin").asBoolean(false) ? "yes" : "no");
      }
      table.print(console);
    });
  }

  private static String joined(JsonNode models) {
    var names = new StringBuilder();
    models.forEach(m -> names.append(names.isEmpty() ? "" : ",").append(m.asString()));
    return names.isEmpty() ? "all" : names.toString();
  }

  private static String budget(JsonNode budget) {
    return budget.isMissingNode()
        ? "none"
        : "$" + budget.path("usd").asString() + "/" + budget.path("per").asString();
  }

  void expire(String name, String end) {
    with(keys -> {
      Instant then = keys.expire(name, end);
      console.json(done(name).put("expires", then.toString()));
      console.line("%s ends at %s", name, then);
    });
  }

  void revoke(String name) {
    with(keys -> {
      keys.revoke(name);
      console.json(done(name).put("state", "revoked"));
      console.line("%s is revoked", name);
    });
  }

  void rotate(String name, String overlap) {
    Duration time =
        Units.time(overlap)
            .orElseThrow(() ->
                BadInputException.of(
                    "--overlap is a duration such as 1h; got \"" + overlap + "\""));
    with(keys -> {
      String key = keys.rotate(name, time);
      console.json(done(name).put("key", key));
      show(key);
    });
  }

  private static ObjectNode done(String name) {
    return JsonNodeFactory.instance.objectNode().put("name", name);
  }
}
