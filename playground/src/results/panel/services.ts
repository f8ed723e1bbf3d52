// Connects the result views with GraphiQL: its tabs, its editors, and the runs.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useMemo } from 'react'
import { flushSync } from 'react-dom'
import { postOperation } from '../../execution/post-operation.ts'
import { activeTab, executions, runs } from '../../execution/recording-fetcher.ts'
import type { Run } from '../../execution/runs.ts'
import { settings } from '../../settings.ts'
import { useOpenTab } from '../../tabs/use-open-tab.ts'
import { locate } from '../errors/locate.ts'
import type { ResultServices } from '../result-context.ts'
import { views } from '../views.ts'

/** @param showEditors Shows the editors, which the response may cover. */
export function useServices(
  { id, tabId, document, operationName }: Run,
  showEditors: () => void,
): ResultServices {
  const { updateActiveTabValues } = useGraphiQLActions()
  const schema = useGraphiQL((state) => state.schema)
  const queryEditor = useGraphiQL((state) => state.queryEditor)
  const openTab = useOpenTab()
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  return useMemo<ResultServices>(
    () => ({
      views,
      schema,
      examples: settings.examples,
      openTab(tab) {
        // A hidden editor does not take the focus.
        flushSync(() => openTab?.(tab))
        queryEditor?.focus()
      },
      send: (operation) => postOperation(operation),
      changeResult(change, bytes) {
        const result = runs.changeLast(id, change, bytes)
        if (!result) return
        // The editor has the response of the active tab, which can be another one by now.
        if (activeTab.id !== tabId) return executions.markMissed(tabId)
        const response = JSON.stringify(result, null, 2)
        responseEditor?.setValue(response)
        updateActiveTabValues({ response })
      },
      goToField(error) {
        const location = locate(error, document, operationName)
        // The document that was sent has the fragments of other tabs after the text of the editor.
        if (!location || !queryEditor || !document.startsWith(queryEditor.getValue())) return false
        flushSync(showEditors)
        const { line, column, length } = location
        queryEditor.setSelection({
          startLineNumber: line,
          startColumn: column,
          endLineNumber: line,
          endColumn: column + length,
        })
        queryEditor.revealLineInCenter(line)
        queryEditor.focus()
        return true
      },
    }),
    [
      id,
      tabId,
      document,
      operationName,
      schema,
      openTab,
      showEditors,
      updateActiveTabValues,
      queryEditor,
      responseEditor,
    ],
  )
}
