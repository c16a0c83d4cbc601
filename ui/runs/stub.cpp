// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_ui_runsStub(); void bottega_ui_runsStub() {} }
