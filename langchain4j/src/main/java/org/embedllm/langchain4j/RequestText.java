package org.embedllm.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;

/// What of a chat request the forecast reads.
final class RequestText {
  private static final String OWN = "embedllm.";

  private RequestText() {}

  /// Text of the last user message; images and other contents are left out. Empty where there is
  /// none.
  static String of(ChatRequest request) {
    return lastUserMessage(request.messages()).stream()
        .flatMap(message -> message.contents().stream())
        .filter(TextContent.class::isInstance)
        .map(content -> ((TextContent) content).text())
        .collect(Collectors.joining("\n"));
  }

  /// What the request shows beside its text: the number of `tools`, whether `json` is asked for,
  /// and whether there is a `system_prompt` (`yes` or `no`). Attributes of the last user message
  /// whose names begin with `embedllm.` are added without that prefix, and count before these.
  static Attributes attributes(ChatRequest request) {
    Map<String, AttributeValue> known = new TreeMap<>();
    var tools = Objects.requireNonNullElse(request.toolSpecifications(), List.of());
    known.put("tools", new AttributeValue.Numeric(tools.size()));
    ResponseFormat format = request.responseFormat();
    known.put("json", yesOrNo(format != null && format.type() == ResponseFormatType.JSON));
    boolean system = request.messages().stream().anyMatch(SystemMessage.class::isInstance);
    known.put("system_prompt", yesOrNo(system));
    for (UserMessage message : lastUserMessage(request.messages())) {
      message
          .attributes()
          .forEach((name, value) -> {
            if (name.startsWith(OWN)) {
              known.put(name.substring(OWN.length()), value(value));
            }
          });
    }
    return Attributes.of(known);
  }

  private static AttributeValue value(Object value) {
    return value instanceof Number number
        ? new AttributeValue.Numeric(number.doubleValue())
        : new AttributeValue.Text(String.valueOf(value));
  }

  private static AttributeValue yesOrNo(boolean is) {
    return new AttributeValue.Text(is ? "yes" : "no");
  }

  /// One or none.
  private static List<UserMessage> lastUserMessage(List<ChatMessage> messages) {
    for (ChatMessage message : messages.reversed()) {
      if (message instanceof UserMessage user) {
        return List.of(user);
      }
    }
    return List.of();
  }
}
