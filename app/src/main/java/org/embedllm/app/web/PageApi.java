package org.embedllm.app.web;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.web.view.ModelCard;
import org.embedllm.app.web.view.ModelComparison;
import org.embedllm.app.web.view.PoolExamples;
import org.embedllm.app.web.view.Requester;
import org.embedllm.app.web.view.ViewAnswer;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The endpoints of the page: from the parameters of a request to a view's answer.
public final class PageApi {
  /// The view that names no model.
  static final String OVERVIEW = "overview";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST_PROMPT = 200_000; // characters

  private final PageModels models;

  public PageApi(PageModels models) {
    this.models = models;
  }

  /// What follows the question mark.
  @FunctionalInterface
  interface Query {
    Optional<String> first(String name);
  }

  /// @param path below `/ui/api/`
  ViewAnswer get(String path, Query query) {
    return models.with(now -> get(now, path, query));
  }

  private static ViewAnswer get(PageModel now, String path, Query query) {
    if (path.startsWith("models/")) {
      return new ViewAnswer.Ready(
          ModelCard.of(now.space(), row(now, path.substring("models/".length()))));
    }
    return switch (path) {
      case OVERVIEW -> now.overview();
      case "examples" -> new ViewAnswer.Ready(PoolExamples.of(now.space()));
      case "map" -> map(now, query.first("projection").orElse(""));
      case "evaluation" -> now.measurements().evaluation(query.first("split").orElse("test"));
      case "recommendation" -> now.measurements().recommendation();
      case "costs" -> now.measurements().costs();
      case "benchmarks" -> now.measurements().benchmarks();
      case "contributions" -> now.measurements().contributions();
      case "communities" -> now.communities();
      case "compare" -> new ViewAnswer.Ready(ModelComparison.of(now.space(), ids(now, query)));
      default -> throw unknown(path);
    };
  }

  /// @param path below `/ui/api/`
  /// @param body what was sent
  /// @param requester who sent it
  ViewAnswer post(String path, byte[] body, Requester requester) {
    if (!path.equals("playground")) {
      throw unknown(path);
    }
    JsonNode asked = object(body);
    String prompt = asked.path("prompt").isString() ? asked.path("prompt").asString() : "";
    if (prompt.isBlank()) {
      throw new PageException(400, "the prompt is empty or no text", "type a question");
    }
    if (prompt.length() > LONGEST_PROMPT) {
      throw new PageException(413, "a prompt has at most 200,000 characters", "shorten the prompt");
    }
    RoutingPolicy policy = policy(asked);
    long sequence = asked.path("sequence").asLong(0);
    return models.with(now -> now.tried(prompt, policy, requester, sequence));
  }

  private static PageException unknown(String path) {
    return new PageException(404, "the page has no endpoint " + path, "");
  }

  private static ViewAnswer map(PageModel now, String projection) {
    return switch (projection) {
      case "" -> now.map();
      case "skills" -> now.skills();
      case "pca" -> now.pca();
      case "umap" -> now.umap();
      default ->
          throw new PageException(
              400, "projection must be skills, pca or umap; got \"" + projection + "\"", "");
    };
  }

  private static int row(PageModel now, String id) {
    int m = now.space().models().size();
    try {
      int row = Integer.parseInt(id);
      if (row >= 0 && row < m) {
        return row;
      }
    } catch (NumberFormatException e) {
      // Reported below, together with rows that are not there.
    }
    throw new PageException(
        404,
        "there is no model with the id \"%s\"; ids run from 0 to %d".formatted(id, m - 1),
        "choose a model on the map");
  }

  private static List<Integer> ids(PageModel now, Query query) {
    List<Integer> ids = new ArrayList<>();
    String text = query.first("ids").orElse("");
    for (String id : Arrays.asList(text.split(",", -1))) {
      int row = text.isEmpty() ? -1 : row(now, id.strip());
      if (row >= 0 && !ids.contains(row)) {
        ids.add(row);
      }
    }
    if (ids.isEmpty() || ids.size() > ModelComparison.MOST) {
      throw new PageException(
          400,
          "ids must name 1 to %d models; got %d".formatted(ModelComparison.MOST, ids.size()),
          "choose models on the map");
    }
    return ids;
  }

  private static JsonNode object(byte[] body) {
    try {
      JsonNode node = JSON.readTree(body);
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException e) {
      // Reported below, together with JSON that is no object.
    }
    throw new PageException(400, "the body must be a JSON object", "");
  }

  private static RoutingPolicy policy(JsonNode asked) {
    String text = asked.path("policy").asString("best");
    return RoutingPolicies.parse(text)
        .orElseThrow(() -> new PageException(400, RoutingPolicies.problem(text), ""));
  }
}
