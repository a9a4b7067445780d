/// What the views of the page show, computed from a model file and what lies beside it. Nothing
/// here knows HTTP; every number comes from the same code as the commands'.
@NullMarked
package org.embedllm.app.web.view;

import org.jspecify.annotations.NullMarked;
