// SPDX-License-Identifier: Apache-2.0
namespace bottega { void bottega_ui_dataStub(); void bottega_ui_dataStub() {} }
