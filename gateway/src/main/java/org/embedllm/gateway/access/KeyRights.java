package org.embedllm.gateway.access;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.config.Units;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.DidYouMean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a key may do, as JSON: in the store, over HTTP, and on the command line.
public final class KeyRights {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
  private static final List<String> FIELDS =
      List.of(
          "name",
          "requestsPerMinute",
          "tokensPerMinute",
          "budget",
          "models",
          "admin",
          "metadata",
          "expires");

  private KeyRights() {}

  /// A key that is to be made.
  ///
  /// @param sha256 hash of the key
  /// @param config whose models, groups and policies it may name
  /// @throws BadInputException where a field is unknown or wrong, or a name is none of these
  public static KeyConfig read(JsonNode json, String sha256, GatewayConfig config) {
    KeyConfig key = read(json, sha256);
    for (String name : new TreeSet<>(key.models())) {
      config
          .keyModelProblem(name)
          .ifPresent(problem -> {
            throw BadInputException.of("models " + problem);
          });
    }
    return key;
  }

  /// @param sha256 hash of the key
  /// @throws BadInputException where a field is unknown or wrong
  public static KeyConfig read(JsonNode json, String sha256) {
    if (!json.isObject()) {
      throw BadInputException.of("a key is a JSON object, such as {\"name\": \"alice\"}");
    }
    requireFields(json, "a key", FIELDS);
    String name = text(json, "name").orElse("");
    if (!NAME.matcher(name).matches()) {
      throw BadInputException.of(
          "name must have 1 to 64 letters, digits or ._@- ; got \"" + name + "\"");
    }
    return new KeyConfig(
        name,
        sha256,
        rate(json, "requestsPerMinute"),
        rate(json, "tokensPerMinute"),
        budget(json.path("budget")),
        models(json.path("models")),
        admin(json.path("admin")),
        metadata(json.path("metadata")),
        text(json, "expires").map(end -> end(end, Instant.now())));
  }

  /// @param whole what an error calls the object
  /// @throws BadInputException where it is no object, or has a field that is none of these
  public static void requireFields(JsonNode json, String whole, List<String> fields) {
    if (!json.isObject()) {
      throw BadInputException.of(whole + " must be a JSON object; got " + json);
    }
    for (String field : json.propertyNames()) {
      if (!fields.contains(field)) {
        throw BadInputException.of(
            whole + " has no \"" + field + "\"." + DidYouMean.hint(field, fields));
      }
    }
  }

  /// A text; empty where it is missing or null.
  ///
  /// @throws BadInputException where it is something else
  public static Optional<String> text(JsonNode json, String field) {
    return text(json.path(field), field, "a text");
  }

  private static Optional<String> text(JsonNode value, String name, String what) {
    if (isAbsent(value)) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw BadInputException.of(name + " must be " + what + "; got " + value);
    }
    return Optional.of(value.asString());
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static boolean admin(JsonNode value) {
    if (!isAbsent(value) && !value.isBoolean()) {
      throw BadInputException.of("admin must be true or false; got " + value);
    }
    return value.asBoolean(false);
  }

  /// @param text a time such as `2027-01-31T00:00:00Z`, or from now such as `30d`
  /// @throws BadInputException where it is neither
  public static Instant end(String text, Instant now) {
    return Units.time(text)
        .map(now::plus)
        .or(() -> Units.instant(text))
        .orElseThrow(() ->
            BadInputException.of(
                "an end is a time such as 2027-01-31T00:00:00Z, or a duration such as 30d; got \""
                    + text
                    + "\""));
  }

  private static OptionalDouble rate(JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (isAbsent(value)) {
      return OptionalDouble.empty();
    }
    if (!value.isNumber() || value.asDouble() <= 0 || !Double.isFinite(value.asDouble())) {
      throw BadInputException.of(field + " must be a number above 0; got " + value);
    }
    return OptionalDouble.of(value.asDouble());
  }

  private static Optional<KeyConfig.Budget> budget(JsonNode json) {
    if (isAbsent(json)) {
      return Optional.empty();
    }
    requireFields(json, "budget", List.of("usd", "per"));
    JsonNode usd = json.path("usd");
    String per = text(json.path("per"), "budget.per", "a time such as 1d or 12h").orElse("1d");
    if (!usd.isNumber() || usd.asDouble() < 0 || !Double.isFinite(usd.asDouble())) {
      throw BadInputException.of("budget.usd must be a number of dollars; got " + usd);
    }
    return Optional.of(
        new KeyConfig.Budget(
            usd.asDouble(),
            Units.time(per)
                .filter(d -> !d.isZero())
                .orElseThrow(() ->
                    BadInputException.of(
                        "budget.per must be a time such as 1d or 12h; got \"" + per + "\""))));
  }

  private static Set<String> models(JsonNode json) {
    if (isAbsent(json)) {
      return Set.of();
    }
    if (!json.isArray() || json.isEmpty() || !json.valueStream().allMatch(JsonNode::isString)) {
      throw BadInputException.of(
          "models must be a list of at least one name; without it, all may be used; got " + json);
    }
    Set<String> models = new HashSet<>();
    json.forEach(model -> models.add(model.asString()));
    return models;
  }

  private static Map<String, String> metadata(JsonNode json) {
    if (isAbsent(json)) {
      return Map.of();
    }
    if (!json.isObject()) {
      throw BadInputException.of("metadata must be a JSON object of texts; got " + json);
    }
    Map<String, String> metadata = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      JsonNode value = field.getValue();
      if (!value.isString() && !value.isNumber() && !value.isBoolean()) {
        throw BadInputException.of(
            "metadata.%s must be a text; got %s".formatted(field.getKey(), value));
      }
      metadata.put(field.getKey(), value.asString());
    }
    return metadata;
  }

  /// Without its hash.
  public static ObjectNode write(KeyConfig key) {
    ObjectNode json = ChatJson.mapper().createObjectNode().put("name", key.name());
    key.requestsPerMinute().ifPresent(rate -> json.put("requestsPerMinute", rate));
    key.tokensPerMinute().ifPresent(rate -> json.put("tokensPerMinute", rate));
    key.budget()
        .ifPresent(
            b -> json.putObject("budget").put("usd", b.usd()).put("per", Units.plain(b.per())));
    if (!key.models().isEmpty()) {
      new TreeSet<>(key.models()).forEach(json.putArray("models")::add);
    }
    if (key.admin()) {
      json.put("admin", true);
    }
    if (!key.metadata().isEmpty()) {
      ObjectNode metadata = json.putObject("metadata");
      new TreeMap<>(key.metadata()).forEach(metadata::put);
    }
    key.validUntil().ifPresent(end -> json.put("expires", end.toString()));
    return json;
  }

  /// A key of the store, without its hash.
  public static ObjectNode write(StoredKey key, Instant now) {
    ObjectNode json = write(key.rights());
    json.put("state", key.state(now)).put("created", key.created().toString());
    key.revoked().ifPresent(at -> json.put("revoked", at.toString()));
    key.previous()
        .filter(p -> now.isBefore(p.until()))
        .ifPresent(p -> json.put("previousKeyUntil", p.until().toString()));
    return json;
  }
}
