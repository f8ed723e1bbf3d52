// Opens an operation in a tab of GraphiQL.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useMemo } from 'react'
import { enterCredentials } from '../credentials/enter-credentials.ts'
import { needsCredentials } from '../credentials/store.ts'
import type { OpenTab } from '../execution/open-tab.ts'
import { activeTab, credentialsMissing, runs } from '../execution/recording-fetcher.ts'
import { selectOperation } from '../execution/select-operation.ts'
import { width } from '../results/panel/width.ts'
import { showWelcome } from '../welcome/visibility.ts'

export interface OpenTabOptions {
  /** Whether to run the operation at once. Only for queries of this page, never for text from a link. @default false */
  readonly run?: boolean
  /** Whether the response covers the operation. @default the user's choice */
  readonly wide?: boolean
}

/**
 * Returns the function that opens a tab; undefined until the editors exist. A tab that has the operation already is activated, and an
 * empty one is filled.
 */
export function useOpenTab(): ((tab: OpenTab, options?: OpenTabOptions) => void) | undefined {
  const { addTab, changeTab, run, setOperationName, stop, updateActiveTabValues } = useGraphiQLActions()
  const queryEditor = useGraphiQL((state) => state.queryEditor)
  const variableEditor = useGraphiQL((state) => state.variableEditor)
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  const tabs = useGraphiQL((state) => state.tabs)
  const activeIndex = useGraphiQL((state) => state.activeTabIndex)
  return useMemo(() => {
    if (!queryEditor || !variableEditor || !responseEditor) return undefined
    return ({ query, variables: values }, options = {}) => {
      const variables = values ? JSON.stringify(values, null, 2) : ''
      const index = tabs.findIndex((tab) => tab.query === query && (tab.variables ?? '') === variables)
      showWelcome(false)
      stop()
      if (index >= 0 && index !== activeIndex) changeTab(index)
      if (index < 0) {
        if (queryEditor.getValue().trim() !== '') addTab()
        queryEditor.setValue(query)
        variableEditor.setValue(variables)
        updateActiveTabValues({ query, variables })
        // GraphiQL parses the text a moment later, and would give a tab that is left before the name of another.
        setOperationName(selectOperation(query, undefined).operationName ?? '')
      }
      width.open(activeTab.id, options.wide === true)
      queryEditor.setScrollPosition({ scrollTop: 0, scrollLeft: 0 })
      if (options.run && needsCredentials()) {
        runs.start({ tabId: activeTab.id, document: query, variables: values }).fail(credentialsMissing)
        enterCredentials()
      } else if (options.run) void run()
    }
  }, [
    queryEditor,
    variableEditor,
    responseEditor,
    tabs,
    activeIndex,
    addTab,
    changeTab,
    run,
    setOperationName,
    stop,
    updateActiveTabValues,
  ])
}
