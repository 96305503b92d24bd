import { join } from 'node:path'
import type { DeliveryRecord } from '../ports/notices.js'
import type { AuditStore, KeptText, LockStore, OrderBox, RunStore, StateStore } from '../ports/state-store.js'
import { AuditFile } from './audit-file.js'
import { DeliveryFile } from './delivery-file.js'
import { KeptFile } from './kept-file.js'
import { OrderFolder } from './order-folder.js'
import { RunFolder } from './run-folder.js'
import { ServerLocks } from './server-locks.js'

/** The state as files in a folder of this machine: nothing has to be installed for it. */
export class FileState implements StateStore {
  readonly runs: RunStore
  readonly locks: LockStore
  readonly audit: AuditStore

  constructor(private readonly folder: string) {
    this.runs = new RunFolder(folder)
    this.locks = new ServerLocks(folder)
    this.audit = new AuditFile(folder)
  }

  orders(rolloutId: string): OrderBox {
    return new OrderFolder(this.folder, rolloutId)
  }

  deliveries(rolloutId: string): DeliveryRecord {
    return new DeliveryFile(join(this.folder, 'runs', `${rolloutId}.deliveries`))
  }

  noticeSetup(rolloutId: string): KeptText {
    return new KeptFile(join(this.folder, 'runs', `${rolloutId}.notify.json`))
  }
}
