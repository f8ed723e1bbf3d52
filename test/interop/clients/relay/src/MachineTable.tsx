import { useMemo, useState } from 'react'
import { graphql, useLazyLoadQuery, usePaginationFragment, useSubscription } from 'react-relay'
import { createListRefresher } from 'vsphere-graphql/client'
import type { MachineTable_query$key } from './__generated__/MachineTable_query.graphql.ts'
import type { MachineTableChangesSubscription } from './__generated__/MachineTableChangesSubscription.graphql.ts'
import type { MachineTablePageQuery } from './__generated__/MachineTablePageQuery.graphql.ts'
import type { MachineTableQuery } from './__generated__/MachineTableQuery.graphql.ts'

// The store finds the objects by their ids, so the rows change by themselves.
const changes = graphql`
  subscription MachineTableChangesSubscription {
    inventoryChanges(filter: { virtualMachine: {} }) {
      initial
      changes {
        kind
        entity { id ... on VirtualMachine { name powerState memory } }
      }
    }
  }
`

export function MachineTable({ onSelect }: { onSelect: (id: string) => void }) {
  const query = useLazyLoadQuery<MachineTableQuery>(
    graphql`
      query MachineTableQuery {
        ...MachineTable_query
      }
    `,
    {},
  )
  const { data, hasNext, loadNext, refetch } = usePaginationFragment<
    MachineTablePageQuery,
    MachineTable_query$key
  >(
    graphql`
      fragment MachineTable_query on Query
      @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "String" })
      @refetchable(queryName: "MachineTablePageQuery") {
        virtualMachines(first: $count, after: $cursor, orderBy: [{ field: NAME }])
          @connection(key: "MachineTable_virtualMachines") {
          totalCount
          edges {
            node { id name powerState memory host { id name } }
          }
        }
      }
    `,
    query,
  )
  const [refresh] = useState(createListRefresher)
  useSubscription<MachineTableChangesSubscription>(
    useMemo(
      () => ({
        subscription: changes,
        variables: {},
        onNext(response) {
          if (!response) return
          // The list is read again from its start.
          refresh(
            response.inventoryChanges,
            () =>
              new Promise((onComplete) => void refetch({}, { fetchPolicy: 'store-and-network', onComplete })),
          )
        },
        // environment.ts has reported it.
        onError() {},
      }),
      [refresh, refetch],
    ),
  )
  return (
    <>
      <table>
        <caption>{data.virtualMachines?.totalCount} virtual machines</caption>
        <tbody>
          {data.virtualMachines?.edges.map(({ node: { id, name, powerState, memory, host } }) => (
            <tr key={id}>
              <td>
                <button onClick={() => onSelect(id)}>{name}</button>
              </td>
              <td>{powerState}</td>
              <td>{memory === null || memory === undefined ? '' : `${memory / 2 ** 30} GiB`}</td>
              <td>{host?.name}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {hasNext && <button onClick={() => loadNext(5)}>Load more</button>}
    </>
  )
}
