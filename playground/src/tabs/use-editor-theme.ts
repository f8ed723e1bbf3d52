// The dark theme of the editors, with enough contrast.

import { useMonaco } from '@graphiql/react'
import { useEffect } from 'react'

const transparent = '#ffffff00'
const background = '#212a3b'
const primary = '#ff5794'
const selected = '#ff579419'
const soft = '#b7c2d711'

/** GraphiQL's dark theme, whose comments and line numbers are lighter here: their contrast is below 4.5 otherwise. */
const dark = {
  base: 'vs-dark' as const,
  inherit: true,
  rules: [
    { token: 'argument.identifier.gql', foreground: '#908aff' },
    { token: 'comment', foreground: '#7fb86a' },
  ],
  colors: {
    'editorLineNumber.foreground': '#a0a8b8',
    'editor.background': transparent,
    'scrollbar.shadow': transparent,
    'textLink.foreground': primary,
    'textLink.activeForeground': primary,
    'editorLink.activeForeground': primary,
    'editorHoverWidget.background': background,
    'list.hoverBackground': selected,
    'list.highlightForeground': primary,
    'list.focusHighlightForeground': primary,
    'menu.background': background,
    'editorSuggestWidget.background': background,
    'editorSuggestWidget.selectedBackground': selected,
    'editorSuggestWidget.selectedForeground': primary,
    'quickInput.background': background,
    'quickInputList.focusForeground': '#ffffff',
    'highlighted.label': primary,
    'quickInput.widget': primary,
    highlight: primary,
    'editorWidget.background': background,
    'input.background': soft,
    focusBorder: primary,
    'toolbar.hoverBackground': selected,
    'inputOption.hoverBackground': selected,
    'quickInputList.focusBackground': selected,
    'editorWidget.resizeBorder': primary,
    'pickerGroup.foreground': primary,
    'menu.selectionBackground': selected,
    'menu.selectionForeground': primary,
  },
}

/** Redefines GraphiQL's theme, which applies to all editors at once. */
export function useEditorTheme(): void {
  const monaco = useMonaco((state) => state.monaco)
  useEffect(() => monaco?.editor.defineTheme('graphiql-DARK', dark), [monaco])
}
