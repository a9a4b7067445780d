/// The contents of the page's views, computed from a model file and its data. Nothing here depends
/// on HTTP; every number comes from the commands' own code.
@NullMarked
package org.embedllm.app.web.view;

import org.jspecify.annotations.NullMarked;
