/// The page that shows the model space in a browser: its files, its endpoints, its server.
@NullMarked
package org.embedllm.app.web;

import org.jspecify.annotations.NullMarked;
