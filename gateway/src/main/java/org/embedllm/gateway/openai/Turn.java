package org.embedllm.gateway.openai;

/// One message of a conversation.
///
/// @param role `system`, `developer`, `user`, `assistant`, `tool`
/// @param text its text parts, joined by newlines
/// @param digest distinguishes messages of equal text with other images or tool calls
public record Turn(String role, String text, int digest) {}
