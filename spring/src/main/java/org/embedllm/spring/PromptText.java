package org.embedllm.spring;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.embedllm.correctness.AttributeValue;
import org.embedllm.correctness.Attributes;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/// What of a prompt the forecast reads.
final class PromptText {
  private static final String OWN = "embedllm.";

  private PromptText() {}

  /// Text of the last user message; empty where there is none.
  static String of(Prompt prompt) {
    for (var message : prompt.getInstructions().reversed()) {
      if (message instanceof UserMessage user) {
        String text = user.getText();
        return text == null ? "" : text;
      }
    }
    return "";
  }

  /// The number of `tools`, whether there is a `system_prompt` (`yes` or `no`), and what the
  /// context of the client's request says under names with the prefix `embedllm.`.
  static Attributes attributes(Prompt prompt, Map<String, ?> context) {
    Map<String, AttributeValue> known = new TreeMap<>();
    if (prompt.getOptions() instanceof ToolCallingChatOptions options) {
      List<?> tools = Objects.requireNonNullElse(options.getToolCallbacks(), List.of());
      known.put("tools", new AttributeValue.Numeric(tools.size()));
    }
    boolean system = prompt.getSystemMessages().stream().anyMatch(m -> !isBlank(m.getText()));
    known.put("system_prompt", new AttributeValue.Text(system ? "yes" : "no"));
    context.forEach((name, value) -> {
      if (name.startsWith(OWN)) {
        known.put(
            name.substring(OWN.length()),
            value instanceof Number number
                ? new AttributeValue.Numeric(number.doubleValue())
                : new AttributeValue.Text(String.valueOf(value)));
      }
    });
    return Attributes.of(known);
  }

  private static boolean isBlank(@Nullable String text) {
    return text == null || text.isBlank();
  }
}
