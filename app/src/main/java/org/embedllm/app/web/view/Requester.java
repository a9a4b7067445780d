package org.embedllm.app.web.view;

import java.util.Optional;

/// Who tries a prompt, and where.
///
/// @param key name of the key the request carries; empty where none is needed
/// @param restricted whether that key may use some models only
/// @param origin address of this server as the browser sees it, such as `http://127.0.0.1:8080`
public record Requester(Optional<String> key, boolean restricted, String origin) {}
