// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_workspaceStub(); void bottega_workspaceStub() {} }
