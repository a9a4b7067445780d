package org.embedllm.app.command;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `embedllm key ACTION MODEL [NAME] --config FILE`: the keys of a gateway, in its store.
@Command(
    name = "key",
    description = {
      "Creates, lists, expires, revokes and rotates the keys of a gateway. They are stored as"
          + " hashes in the gateway's store. A running gateway knows of a change within 5 seconds.",
      "",
      "Example: embedllm key create MODEL alice --config gateway.yaml --usd 5 --per 1d"
    })
public final class KeyCommand implements Callable<Integer> {
  /// What can be done.
  enum Action {
    CREATE,
    LIST,
    EXPIRE,
    REVOKE,
    ROTATE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Mixin private Console console;

  @Parameters(index = "0", paramLabel = "ACTION", description = "One of ${COMPLETION-CANDIDATES}.")
  private Action action;

  @Parameters(index = "1", paramLabel = "MODEL", description = "The gateway's model file.")
  private Path model;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The key's name; list needs none.")
  private @Nullable String name;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The gateway's configuration.")
  private Path config;

  @Option(
      names = "--models",
      split = ",",
      paramLabel = "NAME",
      description = "Models, groups and policies it may use. Default: all.")
  private List<String> models = List.of();

  @Option(names = "--usd", paramLabel = "USD", description = "Its budget in US dollars.")
  private @Nullable Double usd;

  @Option(
      names = "--per",
      paramLabel = "TIME",
      defaultValue = "1d",
      description = "Time the budget is for. Default: ${DEFAULT-VALUE}.")
  private String per;

  @Option(
      names = "--requests-per-minute",
      paramLabel = "N",
      description = "Most requests a minute.")
  private @Nullable Double requestsPerMinute;

  @Option(
      names = "--tokens-per-minute",
      paramLabel = "N",
      description = "Most tokens a minute, prompts and answers together.")
  private @Nullable Double tokensPerMinute;

  @Option(
      names = "--metadata",
      paramLabel = "NAME=VALUE",
      description = "Shown in logs and spending, such as team=search. Repeatable.")
  private Map<String, String> metadata = new LinkedHashMap<>();

  @Option(names = "--admin", description = "It may administer keys and see all spending.")
  private boolean admin;

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      description = {
        "When it ends: 2027-01-31, or from now, such as 30d.",
        "For expire the default is now."
      })
  private @Nullable String expires;

  @Option(
      names = "--overlap",
      paramLabel = "TIME",
      defaultValue = "0",
      description = "How long the earlier key still works after rotate. Default: ${DEFAULT-VALUE}.")
  private String overlap;

  @Override
  public Integer call() {
    ServeCommand.requireGateway("key");
    var runner = new KeyRunner(console, model, config);
    switch (action) {
      case CREATE -> runner.create(rights());
      case LIST -> runner.list();
      case EXPIRE -> runner.expire(requiredName(), expires == null ? "0" : expires);
      case REVOKE -> runner.revoke(requiredName());
      case ROTATE -> runner.rotate(requiredName(), overlap);
    }
    return ExitStatus.DONE;
  }

  private String requiredName() {
    String given = name;
    if (given == null) {
      throw BadInputException.of("NAME is missing: embedllm key " + action + " MODEL NAME");
    }
    return given;
  }

  private ObjectNode rights() {
    ObjectNode rights = JsonNodeFactory.instance.objectNode().put("name", requiredName());
    if (!models.isEmpty()) {
      models.forEach(rights.putArray("models")::add);
    }
    if (usd != null) {
      rights.putObject("budget").put("usd", usd).put("per", per);
    }
    if (requestsPerMinute != null) {
      rights.put("requestsPerMinute", requestsPerMinute);
    }
    if (tokensPerMinute != null) {
      rights.put("tokensPerMinute", tokensPerMinute);
    }
    if (!metadata.isEmpty()) {
      metadata.forEach(rights.putObject("metadata")::put);
    }
    if (admin) {
      rights.put("admin", true);
    }
    if (expires != null) {
      rights.put("expires", expires);
    }
    return rights;
  }
}
