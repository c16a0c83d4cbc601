// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_agentStub(); void bottega_agentStub() {} }
