package org.embedllm.app.web.view;

import org.embedllm.app.gateway.access.Caller;

/// Who tries a prompt, and where.
///
/// @param caller whose key the request carries
/// @param origin address of this server as the browser sees it, such as `http://127.0.0.1:8080`
public record Requester(Caller caller, String origin) {}
