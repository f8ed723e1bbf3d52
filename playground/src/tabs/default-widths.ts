// The widths of GraphiQL's panes until the user drags them: GraphiQL has none that fit a window of 1280 pixels.

/** Under the keys in which GraphiQL keeps them: the width of the first pane as a multiple of the second. */
const widths = {
  // The panel: its titles have up to two lines.
  'graphiql:docExplorerFlex': 0.24,
  // The operation and the response, 40 to 60.
  'graphiql:editorFlex': 0.667,
}

/** Call it before GraphiQL is rendered, which reads them once. */
export function setDefaultWidths(storage: Storage = localStorage): void {
  for (const [key, width] of Object.entries(widths))
    if (storage.getItem(key) === null) storage.setItem(key, String(width))
}
